// Code for one policy's input plan: each field is read by its name in plain sight of the engine, which makes it several
// times faster than a loop over names. What goes into the code are numbers and names as JSON strings, nothing else.
import type { InputPlan, PlannedField } from './input-plan.ts'

/** What generated code asks of the writer. */
export interface WriterOperations {
  /** An object with so many entries to come, in order. */
  readonly object: (size: number) => number
  /** Fewer entries came than there was room for. */
  readonly fewer: (object: number, size: number, room: number) => void
  /** An object is done: gets its table where it needs one. */
  readonly finished: (object: number, size: number) => number
  readonly array: (length: number) => number
  readonly text: (text: string) => number
  readonly data: (data: unknown) => number
  /** An object of which every entry is read. */
  readonly entries: (data: object, plan: InputPlan) => number
  readonly own: (data: object, name: string) => unknown
  readonly words: () => Uint32Array
}

/** Writes an input; gives its word. */
export type InputWriter = (data: unknown) => number

/** From this many functions on, the code would be larger than it is worth. */
const FUNCTIONS_MAX = 500

/** The writer for a plan; undefined where the plan is too large. */
export function inputWriter(plan: InputPlan, operations: WriterOperations): InputWriter | undefined {
  const generator = new Generator()
  const root = generator.plan(plan)
  if (generator.functions.length > FUNCTIONS_MAX) return undefined
  const source = `'use strict'\n${generator.functions.join('\n')}\nreturn ${root}`
  const made: unknown = new Function('o', 'p', source)(operations, generator.plans)
  return typeof made === 'function' ? (made as InputWriter) : undefined
}

class Generator {
  readonly functions: string[] = []
  readonly plans: InputPlan[] = []

  /** The name of the function that writes by a plan. */
  plan(plan: InputPlan | undefined): string {
    if (plan === undefined) return 'o.data'
    const name = `f${this.functions.length}`
    const at = this.functions.push('') - 1
    const body = plan.elements === undefined ? this.#fields(plan.fields) : this.#entries(plan)
    const elements = plan.elements === undefined ? 'return o.array(0)' : this.#elements(plan.elements.inner)
    this.functions[at] = [
      `function ${name}(v) {`,
      "if (typeof v !== 'object' || v === null) return typeof v === 'string' ? o.text(v) : o.data(v)",
      `if (Array.isArray(v)) { ${elements} }`,
      body,
      '}',
    ].join('\n')
    return name
  }

  #elements(inner: InputPlan | undefined): string {
    return [
      'const n = v.length, r = o.array(n), b = (r + 24) >>> 2',
      `for (let i = 0; i < n; i++) { const a = v[i], x = typeof a === 'string' ? o.text(a) : ${this.plan(inner)}(a); o.words()[b + i] = x }`,
      'return r',
    ].join('\n')
  }

  #entries(plan: InputPlan): string {
    return `return o.entries(v, p[${this.plans.push(plan) - 1}])`
  }

  #fields(fields: readonly PlannedField[]): string {
    const lines = fields.map(({ name, inherited }, i) => {
      const key = JSON.stringify(name)
      return `const a${i} = ${inherited ? `o.own(v, ${key})` : `v[${key}]`}`
    })
    lines.push(`const r = o.object(${fields.length})`)
    for (const [i, { inner }] of fields.entries()) {
      lines.push(
        `const x${i} = a${i} === undefined ? 0 : typeof a${i} === 'string' ? o.text(a${i}) : ${this.plan(inner)}(a${i})`,
      )
    }
    for (const [i, { name, address }] of fields.entries()) {
      if (address === 0) lines.push(`const k${i} = x${i} === 0 ? 0 : o.text(${JSON.stringify(name)})`)
    }
    lines.push('const w = o.words(), s = (r + 32) >>> 2', 'let e = s')
    for (const [i, { address }] of fields.entries()) {
      lines.push(`if (x${i} !== 0) { w[e] = ${address === 0 ? `k${i}` : address}; w[e + 1] = x${i}; e += 2 }`)
    }
    lines.push(`if (e !== s + ${fields.length * 2}) o.fewer(r, (e - s) >> 1, ${fields.length})`)
    lines.push(`return ${fields.length > 8 ? `o.finished(r, ${fields.length})` : 'r'}`)
    return lines.join('\n')
  }
}
