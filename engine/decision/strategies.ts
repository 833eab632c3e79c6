// The masking strategies a policy may name, and which of two hides more. A strategy nobody knows is an error:
// guessing would show what the policy meant to hide.

/** How a masked value is shown. */
export type Strategy =
  | { readonly kind: 'redact' | 'null' | 'hash' | 'tokenize' | 'partial' }
  | { readonly kind: 'fixed'; readonly text: string }
  | { readonly kind: 'first' | 'last'; readonly count: number }
  | { readonly kind: 'date'; readonly keep: 'year' | 'month' | 'day' }
  | { readonly kind: 'bucket'; readonly size: number }

/** Characters that `first` and `last` may show at the most. */
export const shownCharactersMax = 16
const fixedTextMax = 64

/** Reads `redact`, `null`, `hash`, `tokenize`, `partial`, `last4`, `first6`, `fixed:***`, `date:year`, `bucket:100`. */
export function parseStrategy(text: string): Strategy | undefined {
  switch (text) {
    case 'redact':
    case 'null':
    case 'hash':
    case 'tokenize':
    case 'partial':
      return { kind: text }
    case 'date:year':
      return { kind: 'date', keep: 'year' }
    case 'date:month':
      return { kind: 'date', keep: 'month' }
    case 'date:day':
      return { kind: 'date', keep: 'day' }
    default:
  }
  const colon = text.indexOf(':')
  if (text.startsWith('fixed:')) {
    const shown = text.slice(colon + 1)
    return shown.length <= fixedTextMax ? { kind: 'fixed', text: shown } : undefined
  }
  if (text.startsWith('bucket:')) {
    const size = wholeNumber(text.slice(colon + 1))
    return size === undefined || size < 1 ? undefined : { kind: 'bucket', size }
  }
  for (const kind of ['first', 'last'] as const) {
    if (!text.startsWith(kind)) continue
    const count = wholeNumber(text.slice(kind.length))
    return count === undefined || count < 1 || count > shownCharactersMax ? undefined : { kind, count }
  }
  return undefined
}

/** Of two strategies for one value, the one that hides more; `redact` where neither contains the other. */
export function stricterStrategy(a: string, b: string): string {
  if (a === b) return a
  const first = parseStrategy(a)
  const second = parseStrategy(b)
  if (first === undefined || second === undefined) return 'redact'
  if (first.kind === second.kind) {
    if ((first.kind === 'first' || first.kind === 'last') && 'count' in second)
      return first.count <= second.count ? a : b
    if (first.kind === 'date' && second.kind === 'date') return dateRank[first.keep] <= dateRank[second.keep] ? a : b
    return 'redact'
  }
  for (const kind of ['redact', 'null', 'fixed'] as const) {
    if (first.kind === kind) return a
    if (second.kind === kind) return b
  }
  return 'redact'
}

const dateRank = { year: 0, month: 1, day: 2 }

function wholeNumber(text: string): number | undefined {
  if (text.length === 0 || text.length > 12) return undefined
  for (const character of text) if (character < '0' || character > '9') return undefined
  return Number(text)
}
