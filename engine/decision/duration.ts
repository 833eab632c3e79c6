// Durations as policies write them: `15m`, `1h30m`, `45s`, `500ms`.

const unitMs: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])

/** The longest hold a policy may ask for. */
export const durationMsMax: number = 24 * 3_600_000

/** Milliseconds, or undefined when the text is no duration or exceeds the maximum. */
export function parseDuration(text: string): number | undefined {
  if (text.length === 0 || text.length > 24) return undefined
  let total = 0
  let at = 0
  while (at < text.length) {
    let digits = at
    while (digits < text.length && isDigit(text.charCodeAt(digits))) digits++
    let letters = digits
    while (letters < text.length && !isDigit(text.charCodeAt(letters))) letters++
    const unit = unitMs.get(text.slice(digits, letters))
    if (digits === at || unit === undefined) return undefined
    total += Number(text.slice(at, digits)) * unit
    at = letters
  }
  return total > 0 && total <= durationMsMax ? total : undefined
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}
