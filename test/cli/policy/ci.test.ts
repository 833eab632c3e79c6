// The commands of the Action and of the pre-commit hooks, run on a policy that `new` made and on one that is wrong.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { folderWith, policy, sallyport } from './run-policy.ts'

const data = new URL('../../../fixtures/ci/', import.meta.url)

/** The command lines of the Action behind `npx sallyport`, with its inputs put in. */
function actionCommands(target: string): readonly (readonly string[])[] {
  const action = parse(readFileSync(new URL('action/action.yml', data), 'utf8'))
  assert.equal(action.runs.using, 'composite')
  const scripts: readonly string[] = action.runs.steps.map((step: { run: string }) => step.run)
  return scripts.flatMap((script) =>
    script
      .split('\n')
      .filter((line) => line.startsWith('npx '))
      .map((line) => {
        const words = line
          .replace('"$TARGET"', target)
          .replace('"$THRESHOLD"', String(action.inputs.threshold.default))
          .split(' ')
        assert.deepEqual(words.slice(0, 3), ['npx', '--yes', '"sallyport@$VERSION"'])
        return words.slice(3)
      }),
  )
}

function hookCommands(): readonly (readonly string[])[] {
  const hooks: readonly { readonly entry: string; readonly pass_filenames?: boolean }[] = parse(
    readFileSync(new URL('pre-commit-hooks.yaml', data), 'utf8'),
  )
  return hooks.map(({ entry, pass_filenames: files }) => {
    const [program, ...words] = entry.split(' ')
    assert.equal(program, 'sallyport')
    return files === false ? words : [...words, 'policy.rego']
  })
}

test('every command of the Action and the hooks passes on a new policy and tells of a wrong one', () => {
  const folder = folderWith({})
  assert.equal(policy(folder, 'new', 'orders').status, 0)
  const inside = join(folder, 'orders')
  const commands = [...actionCommands('.'), ...hookCommands()]
  assert.equal(commands.length, 6)
  for (const command of commands) {
    const { status, out, err } = sallyport(inside, ...command)
    assert.equal(status, 0, `${command.join(' ')}\n${out}${err}`)
  }
  writeFileSync(join(inside, 'policy.rego'), 'package policy.orders\nallow if input.acton\n')
  for (const command of commands) {
    const { status } = sallyport(inside, ...command)
    // `fmt --write` repairs what it can; every other command tells.
    if (command.includes('--write'))
      assert.match(readFileSync(join(inside, 'policy.rego'), 'utf8'), /^package policy.orders\n\nallow/)
    else assert.notEqual(status, 0, command.join(' '))
  }
})
