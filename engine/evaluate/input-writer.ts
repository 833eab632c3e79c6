// Code for one policy's input plan: each field is read by its name in plain sight of the engine, which makes it several
// times faster than a loop over names. What goes into the code are numbers and names as JSON strings, nothing else.
import { KIND } from '../../rego/wasm/index.ts'
import type { InputPlan, PlannedField } from './input-plan.ts'
import type { KeptStrings } from './kept-strings.ts'
import type { RecordWriter } from './record-writer.ts'

/** What generated code asks of the writer. It writes objects itself, and knows the strings that it expects. */
export interface WriterOperations {
  readonly records: RecordWriter
  readonly strings: KeptStrings
  readonly data: (data: unknown) => number
  /** An object of which every entry is read. */
  readonly entries: (data: object, plan: InputPlan) => number
}

/** Writes an input; gives its word. */
export type InputWriter = (data: unknown) => number

/** From this many functions on, the code would be larger than it is worth. */
const FUNCTIONS_MAX = 500

/**
 * How many writers were made. Each is code of its own: engines share what they learn of code by its text, and code that
 * is of several programs is never as fast as that of one.
 */
let made = 0

/** The writer for a plan; undefined where the plan is too large. */
export function inputWriter(plan: InputPlan, operations: WriterOperations): InputWriter | undefined {
  const generator = new Generator()
  const root = generator.plan(plan)
  if (generator.functions.length > FUNCTIONS_MAX) return undefined
  const source = [
    "'use strict'",
    `// ${++made}`,
    'const { records: r, strings: k, data, entries } = o, { expected, expectedAt } = k',
    ...generator.functions,
    `return ${root}`,
  ].join('\n')
  const writer: unknown = new Function('o', 'p', 'own', source)(operations, generator.plans, ownField)
  return typeof writer === 'function' ? (writer as InputWriter) : undefined
}

/** A field that an object has itself. */
function ownField(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined
}

/** The word of a string in a variable: its address, mostly where it is expected. */
function text(variable: string): string {
  return `(expected[t] === ${variable} ? expectedAt[t++] : ${asked(`k.text(${variable})`)})`
}

/** The word that a call gives. How many strings were said is in a local, since memory is slower: others are told of it. */
function asked(call: string): string {
  return `(k.said = t, z = ${call}, t = k.said, z)`
}

class Generator {
  readonly functions: string[] = []
  readonly plans: InputPlan[] = []

  /** The name of the function that writes by a plan. */
  plan(plan: InputPlan | undefined): string {
    if (plan === undefined) return 'data'
    const name = `f${this.functions.length}`
    const at = this.functions.push('') - 1
    const body = plan.elements === undefined ? this.#fields(plan.fields) : this.#entries(plan)
    const elements = plan.elements === undefined ? 'return r.array(0)' : this.#elements(plan.elements.inner)
    this.functions[at] = [
      `function ${name}(v) {`,
      "if (typeof v !== 'object' || v === null) return typeof v === 'string' ? k.text(v) : data(v)",
      'let t = k.said, z = 0',
      `if (Array.isArray(v)) { ${elements} }`,
      body,
      '}',
    ].join('\n')
    return name
  }

  #elements(inner: InputPlan | undefined): string {
    return [
      'const n = v.length, a = r.array(n), b = (a + 24) >>> 2',
      `for (let i = 0; i < n; i++) { const y = v[i], x = typeof y === 'string' ? ${text('y')} : ${asked(`${this.plan(inner)}(y)`)}; r.words[b + i] = x }`,
      'k.said = t',
      'return a',
    ].join('\n')
  }

  #entries(plan: InputPlan): string {
    return `return entries(v, p[${this.plans.push(plan) - 1}])`
  }

  #fields(fields: readonly PlannedField[]): string {
    const count = fields.length
    const bytes = 32 + count * 8
    const lines = fields.map(({ name, inherited }, i) => {
      const key = JSON.stringify(name)
      return `const a${i} = ${inherited ? `own(v, ${key})` : `v[${key}]`}`
    })
    lines.push(
      'let a = r.at',
      `if (a + ${bytes} <= r.room) r.at = a + ${bytes}; else a = r.alloc(${bytes})`,
      'const h = a >>> 2',
      'let w = r.words',
      `w[h] = ${KIND.object}; w[h + 1] = 0; w[h + 2] = ${count}; w[h + 3] = ${count}; w[h + 4] = a + 32; w[h + 5] = 0; w[h + 6] = 0; w[h + 7] = 1`,
    )
    for (const [i, { inner }] of fields.entries()) {
      lines.push(
        `const x${i} = a${i} === undefined ? 0 : typeof a${i} === 'string' ? ${text(`a${i}`)} : ${asked(`${this.plan(inner)}(a${i})`)}`,
      )
    }
    for (const [i, { name, address }] of fields.entries()) {
      if (address === 0) lines.push(`const k${i} = x${i} === 0 ? 0 : ${asked(`k.text(${JSON.stringify(name)})`)}`)
    }
    lines.push('w = r.words', 'let e = h + 8')
    for (const [i, { address }] of fields.entries()) {
      lines.push(`if (x${i} !== 0) { w[e] = ${address === 0 ? `k${i}` : address}; w[e + 1] = x${i}; e += 2 }`)
    }
    lines.push('k.said = t')
    lines.push(`if (e !== h + ${8 + count * 2}) r.fewer(a, (e - h - 8) >> 1, ${count})`)
    lines.push(`return ${count > 8 ? `r.finished(a, ${count})` : 'a'}`)
    return lines.join('\n')
  }
}
