// How the input is written for one policy: only what the policy can read (rego/optimize/input-shape.ts), fields in Rego's
// order, their names where they lie as constants.
import type { InputShape } from '../../rego/optimize/index.ts'
import { compareStrings } from '../../rego/value/index.ts'

/** A field that is read. */
export interface PlannedField {
  readonly name: string
  /** The address of the name's string, 0 where it is no constant of the module. */
  readonly address: number
  /** How its value is written; undefined for all of it. */
  readonly inner: InputPlan | undefined
  /** Whether every JS object has something by this name, so that its own must be told from it. */
  readonly inherited: boolean
}

/** How a value is written. */
export interface InputPlan {
  readonly fields: readonly PlannedField[]
  /** Every element and entry, with what is read of those by name besides; undefined where only fields are read. */
  readonly elements:
    | { readonly inner: InputPlan | undefined; readonly named: ReadonlyMap<string, InputPlan | undefined> }
    | undefined
}

/** The plan for a shape; undefined where all of the input is read. */
export function inputPlan(shape: InputShape, addresses: ReadonlyMap<string, number>): InputPlan | undefined {
  if (shape === true) return undefined
  const { elements } = shape
  const names = Object.keys(shape.fields).sort(compareStrings)
  const fields = names.map((name) => ({
    name,
    address: addresses.get(name) ?? 0,
    inner: inputPlan(shape.fields[name] ?? true, addresses),
    inherited: name in Object.prototype,
  }))
  if (elements === undefined) return { fields, elements: undefined }
  const named = names.map((name) => [name, inputPlan(merged(shape.fields[name] ?? true, elements), addresses)] as const)
  return { fields, elements: { inner: inputPlan(elements, addresses), named: new Map(named) } }
}

function merged(a: InputShape, b: InputShape): InputShape {
  if (a === true || b === true) return true
  const fields: { [name: string]: InputShape } = Object.create(null)
  for (const [name, shape] of Object.entries(a.fields)) fields[name] = shape
  for (const [name, shape] of Object.entries(b.fields)) {
    const other = fields[name]
    fields[name] = other === undefined ? shape : merged(other, shape)
  }
  if (a.elements === undefined && b.elements === undefined) return { fields }
  const elements =
    a.elements === undefined || b.elements === undefined
      ? (a.elements ?? b.elements ?? true)
      : merged(a.elements, b.elements)
  return { fields, elements }
}
