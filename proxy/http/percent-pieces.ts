// Percent coding of values in heads, byte for byte: a character stands for a byte.

/** A text with its escapes undone, once. What is no escape stays. */
export function percentDecoded(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_escape, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
}

/** The pieces of a text between the delimiters of URLs and fields, and the delimiters. */
export function percentPieces(text: string): readonly string[] {
  return text.split(/([/?#&=;,:"'<>()[\]{} \t]+)/)
}

/** A text in which every byte that a delimiter or a blank could be is escaped. */
export function encodePercent(text: string): string {
  return text.replace(/[^A-Za-z0-9._~*-]/g, (one) => {
    const digits = one.charCodeAt(0).toString(16).toUpperCase()
    return `%${digits.length < 2 ? '0' : ''}${digits}`
  })
}
