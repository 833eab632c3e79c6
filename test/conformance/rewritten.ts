// Whether a module means what OPA's compiler made of it: the rewritten text of a row is compiled like the module itself, and
// the two have the same plan, or give the same answers on documents made of the references that they read.
import { builtins } from '../../rego/builtins/index.ts'
import type { CompiledModules } from '../../rego/compile/index.ts'
import { Program } from '../../rego/interpret/index.ts'
import { printPolicy } from '../../rego/ir/index.ts'
import { planEntrypoints } from '../../rego/plan/index.ts'
import { type Value, valueFromData, writeRego } from '../../rego/value/index.ts'
import { sectionsOf } from './plan-text.ts'

/** How many documents answers are compared on, where plans differ. */
const DOCUMENTS = 40

const FUEL = 200_000

/** Undefined where both mean the same, a sentence where they do not, and null where that cannot be told. */
export function meaningDifference(
  source: CompiledModules,
  wanted: CompiledModules,
  path: string,
): string | null | undefined {
  if (source.compilation === undefined || wanted.compilation === undefined) return null
  const entrypoint = path.replaceAll('.', '/')
  const ours = planEntrypoints(source.compilation, [entrypoint])
  const theirs = planEntrypoints(wanted.compilation, [entrypoint])
  const [a, b] = [sectionsOf(printPolicy(ours)), sectionsOf(printPolicy(theirs))]
  if (a.size === b.size && [...a].every(([name, text]) => b.get(name) === text)) return undefined
  const root = path.split('.')[0] ?? ''
  const names = [...new Set([...ours.strings, ...theirs.strings])].filter((name) => /^[a-z][a-z0-9_]*$/.test(name))
  const [left, right] = [new Program(ours, builtins), new Program(theirs, builtins)]
  const seen = new Set<string>()
  for (let seed = 1; seed <= DOCUMENTS; seed++) {
    const input = valueFromData(documentOf(names, seed))
    const { [root]: _, ...data } = documentOf(names, seed + DOCUMENTS)
    const [shown, hoped] = [left, right].map((program) => answer(program, entrypoint, input, valueFromData(data)))
    if (shown !== hoped) return `the answer is ${shown?.slice(0, 200)} instead of ${hoped?.slice(0, 200)}`
    seen.add(shown ?? '')
  }
  // Where nothing is ever defined there is nothing to compare.
  return seen.size === 1 && /^(?:set\(\)|\[\]|\[\{"result": \{\}\}\]) undefined /.test([...seen][0] ?? '')
    ? null
    : undefined
}

function answer(program: Program, entrypoint: string, input: Value, data: Value): string {
  const printed: string[] = []
  const { results, error } = program.evaluate(entrypoint, {
    input,
    data,
    fuel: FUEL,
    print: (line) => printed.push(line),
  })
  return `${writeRego(results)} ${error?.code} ${printed.sort().join('|')}`
}

/** A document in which each name has a value, at two depths. */
function documentOf(names: readonly string[], seed: number): { readonly [name: string]: unknown } {
  let state = seed
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const scalars = [0, 1, 2, 3, true, false, 'a', 'b', null, ...names.slice(0, 3)]
  const value = (depth: number): unknown => {
    const kind = random(depth > 2 ? 1 : 4)
    if (kind === 0) return scalars[random(scalars.length)]
    if (kind === 1) return Array.from({ length: 1 + random(3) }, () => value(depth + 2))
    return Object.fromEntries(names.filter(() => random(4) > 0).map((name) => [name, value(depth + 1)]))
  }
  return Object.fromEntries(names.filter(() => random(8) > 0).map((name) => [name, value(names.length > 8 ? 2 : 1)]))
}
