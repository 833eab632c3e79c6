// Masks values inside one parsed object, in place: by path, and by what detectors find in its texts.

import type { KubeJson } from '../../../engine/action/kube/index.ts'
import {
  createFinder,
  createStreamMasker,
  type DetectRule,
  type Finder,
  maskText,
} from '../../../engine/masking/index.ts'
import type { PathStep } from './json-path.ts'
import type { PathMask } from './terms.ts'

/** A parsed value that is ours to change. */
export type Changeable = null | boolean | number | string | Changeable[] | { [key: string]: Changeable }

/** A member of an object, null when there is none. */
export function field(value: Changeable, key: string): Changeable {
  return isObject(value) && Object.hasOwn(value, key) ? (value[key] ?? null) : null
}

/** Whether a value is an object and no list. */
export function isObject(value: Changeable): value is { [key: string]: Changeable } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** How many values each mask hid. */
export type MaskCounts = Map<string, number>

/** Applies masks by path; `encoded` are top-level keys whose texts are base64. */
export function maskPaths(
  root: Changeable,
  masks: readonly PathMask[],
  encoded: ReadonlySet<string>,
  hashKey: Uint8Array,
  counts: MaskCounts,
): void {
  for (const { path, strategy, text } of masks) {
    const hide = (value: Changeable, top: string): Changeable => {
      if (Array.isArray(value)) return value.map((one) => hide(one, top))
      if (typeof value === 'object' && value !== null)
        return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, hide(one, top)]))
      if (value === null) return null
      counts.set(text, (counts.get(text) ?? 0) + 1)
      if (typeof value !== 'string') return maskText(strategy, String(value), hashKey)
      if (!encoded.has(top)) return maskText(strategy, value, hashKey)
      const plain = maskText(strategy, Buffer.from(value, 'base64').toString('utf8'), hashKey)
      return plain === null ? null : Buffer.from(plain).toString('base64')
    }
    follow(root, path, 0, '', hide)
  }
}

/** Whether a path leads to a value. */
export function reaches(root: KubeJson, path: readonly PathStep[]): boolean {
  const [step, ...rest] = path
  if (step === undefined) return true
  if (typeof root !== 'object' || root === null) return false
  const members = Object.entries<KubeJson>(root)
  switch (step.kind) {
    case 'key':
      return members.some(([key, value]) => key === step.key && reaches(value, rest))
    case 'any':
      return members.some(([, value]) => reaches(value, rest))
    case 'descend':
      return reaches(root, rest) || members.some(([, value]) => reaches(value, path))
  }
}

function follow(
  node: Changeable,
  path: readonly PathStep[],
  depth: number,
  top: string,
  hide: (value: Changeable, top: string) => Changeable,
): void {
  const step = path[depth]
  if (step === undefined || typeof node !== 'object' || node === null) return
  const last = depth === path.length - 1
  if (step.kind === 'descend') {
    follow(node, path, depth + 1, top, hide)
    for (const [key, child] of Object.entries(node)) follow(child, path, depth, top === '' ? key : top, hide)
    return
  }
  const keys = step.kind === 'any' ? Object.keys(node) : Object.hasOwn(node, step.key) ? [step.key] : []
  for (const key of keys) {
    const below = top === '' ? key : top
    const child = member(node, key)
    if (last) setMember(node, key, hide(child, below))
    else follow(child, path, depth + 1, below, hide)
  }
}

type Container = Changeable[] | { [key: string]: Changeable }

function member(node: Container, key: string): Changeable {
  return (Array.isArray(node) ? node[Number(key)] : node[key]) ?? null
}

function setMember(node: Container, key: string, value: Changeable): void {
  if (Array.isArray(node)) node[Number(key)] = value
  else Object.defineProperty(node, key, { value, enumerable: true, writable: true, configurable: true })
}

/** Identities and references by which clients tell objects apart; changing them would break every client. */
const structural: ReadonlySet<string> = new Set([
  'kind',
  'apiVersion',
  'uid',
  'resourceVersion',
  'managedFields',
  'ownerReferences',
])
/** Numbers from here on may hold what a detector looks for. */
const longNumber = 1e11

/** Finds and masks in the texts of an object. The whole object is looked at once; only a hit takes it apart. */
export class TextMasks {
  readonly #rules: readonly DetectRule[]
  readonly #hashKey: Uint8Array
  #finder: Finder | undefined
  constructor(rules: readonly DetectRule[], hashKey: Uint8Array) {
    this.#rules = rules
    this.#hashKey = hashKey
  }

  /** Masks in place; answers whether anything was hidden. */
  apply(root: Changeable, counts: MaskCounts): boolean {
    if (this.#rules.length === 0) return false
    const texts: string[] = []
    visit(root, '', (value) => {
      texts.push(value)
      return value
    })
    // Line breaks keep what stands in two texts from being read as one.
    if (this.#mask(texts.join('\n'), undefined) === undefined) return false
    let changed = false
    visit(root, '', (value) => {
      const masked = this.#mask(value, counts)
      changed ||= masked !== undefined
      return masked ?? value
    })
    return changed
  }

  /** Whether a text holds anything that would be masked. */
  finds(text: string): boolean {
    this.#finder ??= createFinder(this.#rules)
    return text !== '' && this.#finder.finds(Buffer.from(text))
  }

  /** The masked text, undefined when nothing was found. */
  #mask(text: string, counts: MaskCounts | undefined): string | undefined {
    if (text === '') return undefined
    const masker = createStreamMasker(this.#rules, this.#hashKey)
    const masked = Buffer.concat([masker.push(Buffer.from(text)), masker.end()])
    if (masker.counts.size === 0) return undefined
    if (counts !== undefined)
      for (const [name, count] of masker.counts) counts.set(name, (counts.get(name) ?? 0) + count)
    return masked.toString()
  }
}

/** Calls `change` for every text that is not structural, and puts its answer in the text's place. */
function visit(node: Changeable, under: string, change: (text: string) => string): void {
  if (typeof node !== 'object' || node === null) return
  for (const key of Object.keys(node)) {
    if (
      !Array.isArray(node) &&
      (structural.has(key) || (under === 'metadata' && key !== 'annotations' && key !== 'labels'))
    )
      continue
    const child = member(node, key)
    if (typeof child === 'string') replace(node, key, child, change)
    else if (typeof child === 'number') {
      if (Math.abs(child) >= longNumber) replace(node, key, String(child), change)
    } else visit(child, key, change)
  }
}

function replace(node: Container, key: string, text: string, change: (text: string) => string): void {
  const changed = change(text)
  if (changed !== text) setMember(node, key, changed)
}
