// `sallyport policy`: the workbench of people who write Rego. Exit codes: 0 pass, 1 usage or load error, 2 a failed test or check.

import { readFileSync } from 'node:fs'
import { PlanError } from '../../rego/ir/index.ts'
import type { Run } from '../commands.ts'
import { HelpRequested, helpText } from './help.ts'
import { MistakeError } from './mistake.ts'
import { UsageError } from './options.ts'
import { SourceError } from './sources.ts'

const commands: ReadonlyMap<string, { readonly summary: string; readonly load: () => Promise<Run> }> = new Map([
  ['check', { summary: 'report every mistake in policies', load: async () => (await import('./check.ts')).check }],
  ['fmt', { summary: 'write policies in canonical form', load: async () => (await import('./fmt.ts')).fmt }],
  ['test', { summary: 'run test_ rules and fixtures', load: async () => (await import('./test.ts')).test }],
  ['eval', { summary: 'evaluate a query', load: async () => (await import('./eval.ts')).evaluate }],
  ['build', { summary: 'build a bundle', load: async () => (await import('./build.ts')).build }],
  ['parse', { summary: 'show the syntax tree of a module', load: async () => (await import('./parse.ts')).parse }],
  ['sign', { summary: 'sign a bundle', load: async () => (await import('./sign.ts')).sign }],
  ['verify', { summary: 'verify a signed bundle', load: async () => (await import('./verify.ts')).verify }],
  [
    'inspect',
    { summary: 'show what a bundle holds and uses', load: async () => (await import('./inspect.ts')).inspect },
  ],
  [
    'capabilities',
    {
      summary: 'print what policies may use: built-ins, keywords, features',
      load: async () => (await import('./capabilities.ts')).capabilities,
    },
  ],
  ['bench', { summary: 'measure a query', load: async () => (await import('./bench.ts')).bench }],
  [
    'diff',
    { summary: 'show what a new version decides otherwise', load: async () => (await import('./diff.ts')).diff },
  ],
  [
    'replay',
    { summary: 'judge recorded sessions by a candidate', load: async () => (await import('./replay.ts')).replay },
  ],
  [
    'lsp',
    {
      summary: 'serve an editor on standard input and output',
      load: async () => (await import('./lsp/server.ts')).lsp,
    },
  ],
  ['new', { summary: 'begin a policy with its test and CI', load: async () => (await import('./new.ts')).scaffold }],
])

/** Runs `sallyport policy`. */
export async function run(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  const command = commands.get(name ?? '')
  if (command === undefined) {
    const lines = [...commands].map(([one, { summary }]) => `  ${one.padEnd(14)}${summary}`)
    const isAsked = name === '--help' || name === '-h' || name === 'help'
    const to = isAsked ? process.stdout : process.stderr
    to.write(
      `usage: sallyport policy COMMAND [options] PATH...\n\n${lines.join('\n')}\n\n\`sallyport policy COMMAND --help\` says what a command takes. Exit 0 pass, 1 wrong usage or what cannot be read,\n2 a failed test or check.\n`,
    )
    return isAsked ? 0 : 1
  }
  try {
    return await (await command.load())(rest)
  } catch (error) {
    if (error instanceof HelpRequested) {
      process.stdout.write(helpText(name ?? '', command.summary, error.options))
      return 0
    }
    if (error instanceof MistakeError) {
      process.stderr.write(`${error.message}\n`)
      return 1
    }
    const known = error instanceof UsageError || error instanceof SourceError || error instanceof PlanError
    if (!known) throw error
    const text = error instanceof PlanError ? await limitText(error) : undefined
    process.stderr.write(`${text ?? `sallyport policy ${name}: ${error.message}`}\n`)
    return 1
  }
}

/** A limit of plans as a mistake of its author, with the line of the file that was read before. */
async function limitText(error: PlanError): Promise<string | undefined> {
  // Loaded where it is needed: most commands end without.
  const { PlanLimitError } = await import('../../rego/plan/index.ts')
  if (!(error instanceof PlanLimitError)) return undefined
  const { renderDiagnostic } = await import('../../rego/syntax/index.ts')
  let source: string | undefined
  try {
    source = readFileSync(error.diagnostic.location.file, 'utf8')
  } catch {
    source = undefined
  }
  return renderDiagnostic(error.diagnostic, source)
}
