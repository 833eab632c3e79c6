// Strings counted in runes (code points), as Rego counts them.

/** The number of runes in a string. */
export function runeCount(text: string): number {
  let count = text.length
  for (let i = 0; i + 1 < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0xd800 || unit > 0xdbff) continue
    const next = text.charCodeAt(i + 1)
    if (next >= 0xdc00 && next <= 0xdfff) {
      count--
      i++
    }
  }
  return count
}

/** The runes of a string, one string each. */
export function runes(text: string): string[] {
  return Array.from(text)
}
