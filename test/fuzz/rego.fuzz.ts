// Mutated Rego modules end in a diagnostic or a plan: no text makes the parser or the compiler throw or hang.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileModules } from '../../rego/compile/index.ts'
import { EntrypointError, planEntrypoints } from '../../rego/plan/index.ts'

export const name = 'rego'

const library = fileURLToPath(new URL('../../bundles/library', import.meta.url))
const slowMs = 2000

function seeds(): readonly string[] {
  return readdirSync(library, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) =>
      readdirSync(join(library, entry.name))
        .filter((file) => file.endsWith('.rego'))
        .map((file) => readFileSync(join(library, entry.name, file), 'utf8')),
    )
}

const pieces = [
  ' if ',
  ' contains ',
  'some x in ',
  'every x in xs {',
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  ':=',
  '=',
  '"',
  '`',
  '$"{',
  'not ',
  ' with input as ',
  ' else ',
  'default ',
  'import data.',
  '\n',
  '|',
  ',',
  '_',
  'data.',
  'input.',
  '1e999',
  '\u2028',
  '# METADATA\n',
  'p[x]',
  '\\',
  'count(',
  'walk(',
]

/** Compiles mutations of the shipped policies until the deadline. */
export async function run(random: () => number, deadlineMs: number): Promise<{ cases: number; failures: string[] }> {
  const texts = seeds()
  const failures: string[] = []
  let cases = 0
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)]
  while ((cases === 0 || Date.now() < deadlineMs) && failures.length < 5) {
    let text = pick(texts) ?? ''
    for (let change = Math.floor(random() * 4); change >= 0; change--) {
      const at = Math.floor(random() * text.length)
      const until = Math.min(text.length, at + Math.floor(random() * 30))
      const how = random()
      if (how < 0.4) text = text.slice(0, at) + (pick(pieces) ?? '') + text.slice(at)
      else if (how < 0.7) text = text.slice(0, at) + text.slice(until)
      else text = text.slice(0, at) + text.slice(at, until).repeat(2) + text.slice(until)
    }
    cases++
    const started = performance.now()
    try {
      const { compilation } = compileModules([{ file: 'm.rego', text }])
      if (compilation !== undefined) {
        const [module] = compilation.modules
        if (module !== undefined) planEntrypoints(compilation, [module.package.path.join('/')])
      }
    } catch (error) {
      if (!(error instanceof EntrypointError))
        failures.push(
          `${error instanceof Error ? (error.stack ?? error.message).slice(0, 400) : String(error)}\n${JSON.stringify(text)}`,
        )
    }
    if (performance.now() - started > slowMs)
      failures.push(`took ${Math.round(performance.now() - started)} ms: ${JSON.stringify(text)}`)
    if (cases % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return { cases, failures }
}
