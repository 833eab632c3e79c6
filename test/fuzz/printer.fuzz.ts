// Mutated modules that still parse are printed: what is printed parses, means the same, and is printed the same again.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { parseModule } from '../../rego/syntax/index.ts'
import { printModule } from '../../rego/syntax/printer/index.ts'
import { meaning } from '../rego/syntax/meaning.ts'

/** The fuzzer's name. */
export const name = 'printer'

const library = fileURLToPath(new URL('../../bundles/library', import.meta.url))

const dense = `package a.b # first
import data.x.y # beside
import input.z as w
# above
default p := {"a": [1, 2], "b": {1, -2}} # behind
p := $"{w} and {x + 1}" if { some k, v in input.m; v == -3; not k in {"a", "b"} } else := [y | y := input.ys[_]; y > 0] if {
	every e in input.es { # inner
		e.a | e.b == {1}
	}
	(w | y) & z == set()
	f(1, [2,
	3], {"k": 4,
	"l": 5}) with input as {} with data.q as 7
}
f(x, _, {"k": k, "l": _}) := x * (k + 2) / 3 - -1 if x in [1, 2]
q contains {"a": v} if {
	v := input["some key"].if[_][\`raw\`]

	# kept apart
	count({z: u | z := input.o[u]}) > 0; true
}
r.s[t].u := 1 if t := "x"
`

const pieces = [
  ' ',
  '\n',
  '# note\n',
  ';',
  ', ',
  '(',
  ')',
  '{',
  '}',
  '[1]',
  ' | ',
  ' - ',
  '-1',
  ' in ',
  ' with input as 1',
  ' else := 2',
  'not ',
  '_',
  '"s"',
  '`r`',
  '.if',
  ' == ',
  ' := ',
  '{x}',
  '{"k": v}',
  '{y | y}',
  'some z\n',
  'set()',
  '\n\n\n',
]

function seeds(): readonly string[] {
  const shipped = readdirSync(library, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) =>
      readdirSync(join(library, entry.name))
        .filter((file) => file.endsWith('.rego'))
        .map((file) => readFileSync(join(library, entry.name, file), 'utf8')),
    )
  // Where a mutation leaves a metadata block is not the printer's business.
  return [dense, dense, dense, ...shipped.map((text) => text.replaceAll('# METADATA', '# about'))]
}

/** Prints mutations of dense and of shipped policies until the deadline. */
export async function run(random: () => number, deadlineMs: number): Promise<{ cases: number; failures: string[] }> {
  const texts = seeds()
  const failures: string[] = []
  let cases = 0
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)]
  for (let round = 0; (cases === 0 || Date.now() < deadlineMs) && failures.length < 5; round++) {
    let text = pick(texts) ?? ''
    for (let change = Math.floor(random() * 3); change >= 0; change--) {
      const at = Math.floor(random() * text.length)
      if (random() < 0.7) text = text.slice(0, at) + (pick(pieces) ?? '') + text.slice(at)
      else text = text.slice(0, at) + text.slice(at + Math.floor(random() * 6))
    }
    if (round % 200 === 0) await new Promise((resolve) => setImmediate(resolve))
    const { module } = parseModule(text, { file: 'm.rego' })
    if (module === undefined) continue
    cases++
    try {
      const printed = printModule(module)
      const again = parseModule(printed, { file: 'm.rego' })
      // Constants between the braces of a template string become text.
      const plain = !text.includes('$')
      if (again.module === undefined) failures.push(`${again.diagnostics[0]?.message}: ${JSON.stringify(text)}`)
      else if (plain && !isDeepStrictEqual(meaning(again.module.rules), meaning(module.rules)))
        failures.push(`means something else: ${JSON.stringify(text)}`)
      else if (printModule(again.module) !== printed)
        failures.push(`printed otherwise the second time: ${JSON.stringify(text)}`)
      else if (lostComments(text, printed)) failures.push(`lost a comment: ${JSON.stringify(text)}`)
    } catch (error) {
      failures.push(
        `${error instanceof Error ? (error.stack ?? '').slice(0, 300) : String(error)} ${JSON.stringify(text)}`,
      )
    }
  }
  return { cases, failures }
}

/** True when a word of the seed's comments is gone, while it was a comment of the text. */
function lostComments(text: string, printed: string): boolean {
  return ['# first', '# beside', '# above', '# behind', '# inner', '# kept apart'].some(
    (one) => countOf(text, `${one}\n`) > countOf(printed, one),
  )
}

function countOf(text: string, part: string): number {
  return text.split(part).length - 1
}
