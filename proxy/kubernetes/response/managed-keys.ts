// `metadata.managedFields` says who set which field. Fields of maps are there by name, but elements of lists by values of
// theirs: `k:{"ip":"10.0.0.1"}`, `v:"text"`. Where a mask by path hides such a value its element is left out of what is said.
import type { PathStep } from './json-path.ts'
import type { PathMask } from './terms.ts'
import { type Changeable, field, isObject, type MaskCounts } from './value-mask.ts'

/** Takes masked values out of the managed fields of an object, in place. */
export function hideManagedKeys(object: Changeable, masks: readonly PathMask[], counts: MaskCounts): void {
  const entries = field(field(object, 'metadata'), 'managedFields')
  if (masks.length === 0 || !Array.isArray(entries)) return
  for (const { path, text } of masks) {
    let hidden = 0
    for (const entry of entries) hidden += hide(field(entry, 'fieldsV1'), path)
    if (hidden > 0) counts.set(text, (counts.get(text) ?? 0) + hidden)
  }
}

/** Tells of objects as they stand, byte by byte, whether their managed fields say what is masked. */
export class ManagedKeys {
  readonly #masks: readonly PathMask[]
  /** Without one of these there is nothing to look at: what the API server writes, without spaces. */
  readonly #marks: readonly Buffer[]

  constructor(masks: readonly PathMask[]) {
    this.#masks = masks
    const marks = masks.flatMap(({ path }) => {
      const last = path.at(-1)
      // A name may be of a value in a key, or of a list below.
      return last?.kind === 'key' ? [`\\"${last.key}\\":`, `"f:${last.key}":{"`] : ['"k:{', '"v:']
    })
    this.#marks = [...new Set(marks)].map((mark) => Buffer.from(mark))
  }

  tell(object: Buffer): boolean {
    const isMarked = this.#marks.some((mark) => object.includes(mark))
    for (let at = object.indexOf(managedFields); at >= 0; ) {
      const start = at + managedFields.length
      // Where it is written with spaces (`?pretty=true`) the marks are others: then it is read with the whole object.
      if (object[start] !== colon || object[start + 1] !== open) return true
      if (!isMarked) {
        at = object.indexOf(managedFields, start)
        continue
      }
      const end = listEnd(object, start + 1)
      if (this.#says(object.toString('utf8', start + 1, end))) return true
      // Lists in a list are no managed fields of an object, and are not gone over again.
      at = object.indexOf(managedFields, end)
    }
    return false
  }

  /** What cannot be read here is read with the whole object. */
  #says(list: string): boolean {
    const entries = parsed(list)
    return (
      entries === undefined ||
      entries.some((entry) => this.#masks.some(({ path }) => hide(field(entry, 'fieldsV1'), path) > 0))
    )
  }
}

/** Quotation marks within a text are escaped, so this is a name, or a text that is just so. */
const managedFields: Buffer = Buffer.from('"managedFields"')

function parsed(text: string): readonly Changeable[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

const quote = 0x22
const backslash = 0x5c
const colon = 0x3a
const open = 0x5b
const close = 0x5d

/** Where the list that begins here ends. */
function listEnd(bytes: Buffer, start: number): number {
  let depth = 0
  let inString = false
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]
    if (inString) {
      if (byte === backslash) at++
      else if (byte === quote) inString = false
    } else if (byte === quote) inString = true
    else if (byte === open) depth++
    else if (byte === close && --depth === 0) return at + 1
  }
  return bytes.length
}

/** Leaves out the elements below a node whose keys a path hides; answers how many. */
function hide(node: Changeable, path: readonly PathStep[]): number {
  if (!isObject(node)) return 0
  const [step, ...rest] = path
  let hidden = 0
  for (const [name, below] of Object.entries(node)) {
    const value = elementOf(name)
    if (value !== undefined && isHidden(value, path)) {
      delete node[name]
      hidden++
    } else if (step === undefined) hidden += hide(below, path)
    else if (step.kind === 'descend') hidden += hide(below, path)
    else if (isStep(step, name)) hidden += hide(below, rest)
  }
  if (step?.kind === 'descend') hidden += hide(node, rest)
  return hidden
}

/** The value by which an element of a list is named; undefined for all other names. */
function elementOf(name: string): Changeable | undefined {
  if (!name.startsWith('k:') && !name.startsWith('v:')) return undefined
  try {
    const value: Changeable = JSON.parse(name.slice(2))
    return value
  } catch {
    // What cannot be read is a text that a mask may be about.
    return name
  }
}

/** Whether a path that stands before an element hides some of the value that it is named by. */
function isHidden(value: Changeable, path: readonly PathStep[]): boolean {
  const [step, ...rest] = path
  if (step === undefined) return true
  if (step.kind === 'descend') return isHidden(value, rest) || within(value, rest)
  return isElement(step) && within(value, rest)
}

/** Whether a path leads to a value, or to one of its members. */
function within(value: Changeable, path: readonly PathStep[]): boolean {
  const [step, ...rest] = path
  if (step === undefined) return true
  if (step.kind === 'descend') return within(value, rest)
  return (
    isObject(value) &&
    Object.entries(value).some(([key, member]) => (step.kind === 'any' || step.key === key) && within(member, rest))
  )
}

/** Whether a step may lead to the child of this name. */
function isStep(step: PathStep, name: string): boolean {
  if (name.startsWith('f:')) return step.kind === 'any' || (step.kind === 'key' && step.key === name.slice(2))
  return isElement(step)
}

/** Which element an index names is not said here, so any may be meant. */
function isElement(step: PathStep): boolean {
  return step.kind === 'any' || (step.kind === 'key' && /^\d+$/.test(step.key))
}
