// The words in which the configuration's shape is written, once, for reading, showing and the JSON Schema.

/** One value of the file. `otherwise` is what stands in for an absent one; without it and `optional`, it must be there. */
export type Field = FieldKind & {
  readonly about: string
  readonly optional?: boolean
  readonly otherwise?: unknown
}

type FieldKind =
  | { readonly kind: 'text'; readonly form?: TextForm }
  | { readonly kind: 'reference' }
  | { readonly kind: 'path' }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number; readonly mayBeAuto?: boolean }
  | { readonly kind: 'number'; readonly min: number; readonly max: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'duration'; readonly maxMs: number; readonly mayBeZero?: boolean }
  | { readonly kind: 'bytes'; readonly max: number }
  | { readonly kind: 'address' }
  | { readonly kind: 'choice'; readonly values: readonly (string | number)[] }
  | { readonly kind: 'list'; readonly of: Field; readonly min?: number }
  | { readonly kind: 'map'; readonly of: Field }
  | { readonly kind: 'object'; readonly fields: AnyFields }
  | { readonly kind: 'variants'; readonly tag: string; readonly cases: { readonly [tag: string]: AnyFields } }

/** What a text must look like. */
export type TextForm = 'name' | 'any' | 'may_be_empty' | 'url' | 'http_url' | 'path_or_url' | 'pointer'

/** Fields by property name. */
export type AnyFields = { readonly [property: string]: Field }

/** Fields of exactly the properties of `T`: a property that is forgotten, or is no more, does not compile. */
export type Fields<T> = { readonly [Property in keyof T]-?: Field }

/** The key in the file for a property: snake_case, with the unit left to the value. */
export function keyOf(property: string, field: Field): string {
  const bare =
    field.kind === 'duration' && property.endsWith('Ms')
      ? property.slice(0, -2)
      : field.kind === 'bytes' && property.endsWith('Bytes')
        ? property.slice(0, -5)
        : property
  return bare.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** Bytes as people write them: `64MiB`, `512KiB`, `100`. Undefined when it is no size. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,15})(B|KiB|MiB|GiB)?$/.exec(text)
  if (match === null) return undefined
  const units: { readonly [unit: string]: number } = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }
  return Number(match[1]) * (units[match[2] ?? 'B'] ?? Number.NaN)
}

/** A duration such as `1h30m`, `250ms`, `7d`. Undefined when it is none. */
export function parseTime(text: string): number | undefined {
  const units: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
  const match = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m(?!s))?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/.exec(text)
  if (match === null || text === '') return undefined
  return ['d', 'h', 'm', 's', 'ms'].reduce((sum, unit, at) => sum + Number(match[at + 1] ?? 0) * (units[unit] ?? 0), 0)
}

/** A duration as people write it. */
export function printTime(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const
  if (ms === 0) return '0s'
  for (const [unit, size] of units) if (ms >= size && ms % size === 0) return `${ms / size}${unit}`
  return `${ms}ms`
}

/** Bytes as people write them. */
export function printBytes(bytes: number): string {
  const units = [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const
  for (const [unit, size] of units) if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`
  return `${bytes}B`
}
