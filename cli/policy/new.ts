// `sallyport policy new`: a policy to begin with, its test, a fixture and a CI workflow. Nothing that exists is touched.
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder } from '../../bundles/store/make-folder.ts'
import { isName } from '../../rego/syntax/printer/index.ts'
import { readOptions, UsageError } from './options.ts'
import { SourceError } from './sources.ts'

const protocols = ['postgres', 'ssh', 'kubernetes', 'http'] as const
type Protocol = (typeof protocols)[number]

/** Runs `new`. */
export function scaffold(args: readonly string[]): Promise<number> {
  const { values, paths } = readOptions(args, {
    protocol: { type: 'string' },
    dir: { type: 'string' },
  })
  const [name, ...more] = paths
  if (name === undefined || more.length > 0)
    throw new UsageError('give the policy a name: `sallyport policy new orders`')
  if (!isName(name)) throw new UsageError(`\`${name}\` is no package name: letters, digits and _, not a digit first`)
  const protocol = protocols.find((one) => one === (values['protocol'] ?? 'postgres'))
  if (protocol === undefined)
    throw new UsageError(`there is no protocol \`${String(values['protocol'])}\`: ${protocols.join(', ')}`)
  const folder = String(values['dir'] ?? name)
  const files = policyFiles(name, protocol)
  const there = files.map(([path]) => join(folder, path)).filter((path) => existsSync(path))
  if (there.length > 0) throw new SourceError(`already there, nothing written: ${there.join(', ')}`)
  for (const [path, text] of files) {
    makeFolder(dirname(join(folder, path)))
    writeFileSync(join(folder, path), text)
    process.stdout.write(`${join(folder, path)}\n`)
  }
  process.stdout.write(`next: sallyport policy test ${folder}\n`)
  return Promise.resolve(0)
}

interface Sample {
  readonly read: string
  readonly write: string
}

const samples: { readonly [protocol in Protocol]: Sample } = {
  postgres: {
    read: 'sql: select 1',
    write: 'sql: create table t (id int)',
  },
  kubernetes: { read: 'kube: get pods -n default', write: 'kube: delete pod web -n default' },
  ssh: {
    read: 'shell: cat notes.txt',
    write: 'shell: rm notes.txt',
  },
  http: {
    read: 'http: GET /orders',
    write: 'http: DELETE /orders/1',
  },
}

/** The files of a new policy: its rules, their test, a fixture and a CI workflow. */
export function policyFiles(name: string, protocol: Protocol): readonly (readonly [string, string])[] {
  const { read, write } = samples[protocol]
  return [
    [
      'policy.rego',
      protocol === 'ssh'
        ? hostPolicy(name)
        : `# METADATA
# title: ${name}
# description: Reads pass when the analyzer saw everything; all else is refused.
package policy.${name}

allow if {
	is_mine
	input.action.verb in {"connect", "read"}
	input.action.complete
}

deny contains {"rule": "${name}.read_only", "message": "this resource can only be read"} if {
	is_mine
	not input.action.verb in {"connect", "read"}
}

is_mine if input.resource.protocol == "${protocol}"
`,
    ],
    [
      'policy_test.rego',
      protocol === 'ssh'
        ? hostPolicyTest(name)
        : `package policy.${name}_test

import data.policy.${name}

document(verb) := {
	"resource": {"protocol": "${protocol}"},
	"action": {"verb": verb, "complete": true},
}

test_reads_pass if ${name}.allow with input as document("read")

test_writes_are_refused if {
	not ${name}.allow with input as document("write")
	count(${name}.deny) == 1 with input as document("write")
}
`,
    ],
    [
      'fixtures/cases.yaml',
      `- note: reads pass
  resource: { protocol: ${protocol} }
  ${read}
  want:
    effect: allow
    rules: [policy.${name}.allow]

- note: everything else is refused
  resource: { protocol: ${protocol} }
  ${write}
  want:
    effect: deny
    rules: [${name}.read_only]
`,
    ],
    [
      '.github/workflows/policy.yaml',
      `name: policy
on: [push, pull_request]
permissions:
  contents: read
jobs:
  policy:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22 }
      - run: npx sallyport policy fmt --check .
      - run: npx sallyport policy check --format github .
      - run: npx sallyport policy test --coverage --threshold 90 --format github .
`,
    ],
  ]
}

/** What runs on a host is judged by its commands: whether one reads or writes is not in the line. */
function hostPolicy(name: string): string {
  return `# METADATA
# title: ${name}
# description: Commands of a list run when the analyzer saw all of them; all else is refused.
package policy.${name}

commands := {"cat", "ls", "uptime"}

allow if {
	is_mine
	input.action.verb == "connect"
}

allow if {
	is_mine
	input.action.complete
	input.action.shell.operation == "exec"
	every command in input.action.shell.commands { command.name in commands }
}

deny contains {"rule": "${name}.read_only", "message": sprintf("%s is not on the list", [command.name])} if {
	is_mine
	some command in input.action.shell.commands
	not command.name in commands
}

is_mine if input.resource.protocol == "ssh"
`
}

function hostPolicyTest(name: string): string {
  return `package policy.${name}_test

import data.policy.${name}

document(command) := {
	"resource": {"protocol": "ssh"},
	"action": {"verb": "execute", "complete": true, "shell": {"operation": "exec", "commands": [{"name": command}]}},
}

test_commands_of_the_list_run if ${name}.allow with input as document("ls")

test_other_commands_are_refused if {
	not ${name}.allow with input as document("rm")
	count(${name}.deny) == 1 with input as document("rm")
}
`
}
