// Where lexemes of a statement begin and end, by its bytes, read by hand: a client writes the text. It has no comments
// any more and has been parsed, so nothing is left open; and what is made of these places is parsed and compared again.

const [tab, carriageReturn, blank] = [0x09, 0x0d, 0x20]
const [doubleQuote, dollar, singleQuote, opening, closing, star] = [0x22, 0x24, 0x27, 0x28, 0x29, 0x2a]
const [point, bracket, backslash, bracketEnd] = [0x2e, 0x5b, 0x5c, 0x5d]
const [zero, nine, underscore, smallA, smallE, smallZ, beyondAscii] = [0x30, 0x39, 0x5f, 0x61, 0x65, 0x7a, 0x80]

/** So far back the word before a name is looked for. */
const leadBytesMax = 256

/** A word outside of brackets and quotes, in lower case, with the byte where it begins. */
export interface Word {
  readonly word: string
  readonly at: number
}

/** Behind white space. */
function blankEnd(bytes: Buffer, start: number): number {
  let at = start
  while (isBlank(bytes[at])) at++
  return at
}

/** Behind the identifier that begins here; the same place where none does. */
export function identifierEnd(bytes: Buffer, start: number): number {
  if (bytes[start] === doubleQuote) return quoteEnd(bytes, start, doubleQuote)
  if (!isNameStart(bytes[start])) return start
  let at = start + 1
  while (isNamePart(bytes[at])) at++
  return at
}

/** Behind an identifier and the point after it; the same place where there are not both. */
export function qualifierEnd(bytes: Buffer, start: number): number {
  const end = identifierEnd(bytes, start)
  const at = blankEnd(bytes, end)
  return end === start || bytes[at] !== point ? start : blankEnd(bytes, at + 1)
}

/** Behind a name of up to three parts, and the star of its children. */
export function relationEnd(bytes: Buffer, start: number): number {
  let last = start
  for (let qualifiers = 0; qualifiers < 2; qualifiers++) {
    const next = qualifierEnd(bytes, last)
    if (next === last) break
    last = next
  }
  const end = identifierEnd(bytes, last)
  const at = blankEnd(bytes, end)
  return bytes[at] === star && bytes[blankEnd(bytes, at + 1)] !== opening ? at + 1 : end
}

/** Behind the list in brackets that comes next; the same place where none does. */
export function listEnd(bytes: Buffer, start: number): number {
  let at = blankEnd(bytes, start)
  if (bytes[at] !== opening) return start
  for (let depth = 0; at < bytes.length; ) {
    if (bytes[at] === opening) depth++
    if (bytes[at] === closing) depth--
    at = lexemeEnd(bytes, at)
    if (depth === 0) return at
  }
  return start
}

/** TABLE or ONLY right before a name: the word and where it begins. */
export function leadBefore(bytes: Buffer, name: number): Word | undefined {
  const least = Math.max(0, name - leadBytesMax)
  let end = name
  while (end > least && isBlank(bytes[end - 1])) end--
  let at = end
  while (at > least && isNamePart(bytes[at - 1])) at--
  const word = bytes.toString('latin1', at, end).toLowerCase()
  return word === 'table' || word === 'only' ? { word, at } : undefined
}

/** The words of a part of the text that stand outside of brackets and quotes. */
export function topWords(bytes: Buffer, from: number, until: number): readonly Word[] {
  const words: Word[] = []
  let depth = 0
  for (let at = blankEnd(bytes, from); at < until; ) {
    const byte = bytes[at]
    const end = lexemeEnd(bytes, at)
    if (byte === opening || byte === bracket) depth++
    else if (byte === closing || byte === bracketEnd) depth--
    else if (depth === 0 && isNameStart(byte) && bytes[end - 1] !== singleQuote)
      words.push({ word: bytes.toString('utf8', at, end).toLowerCase(), at })
    at = blankEnd(bytes, end)
  }
  return words
}

/** Behind the lexeme that begins here; of signs, each is one. */
function lexemeEnd(bytes: Buffer, at: number): number {
  const byte = bytes[at]
  if (byte === singleQuote || byte === doubleQuote) return quoteEnd(bytes, at, byte)
  if (byte === dollar) return dollarQuoteEnd(bytes, at)
  if (isNameStart(byte)) {
    const isEscaped = byte !== undefined && (byte | 0x20) === smallE && bytes[at + 1] === singleQuote
    return isEscaped ? escapedEnd(bytes, at + 1) : identifierEnd(bytes, at)
  }
  if (isDigit(byte)) {
    let end = at + 1
    while (isNamePart(bytes[end]) && bytes[end] !== dollar) end++
    return end
  }
  return at + 1
}

/** Behind a quoted text in which the quote stands twice for itself. */
function quoteEnd(bytes: Buffer, start: number, quote: number): number {
  for (let at = start + 1; ; at += 2) {
    at = bytes.indexOf(quote, at)
    if (at < 0) return bytes.length
    if (bytes[at + 1] !== quote) return at + 1
  }
}

/** Behind a quoted text in which a backslash escapes the next byte. */
function escapedEnd(bytes: Buffer, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    if (bytes[at] === backslash || (bytes[at] === singleQuote && bytes[at + 1] === singleQuote)) at++
    else if (bytes[at] === singleQuote) return at + 1
  }
  return bytes.length
}

/** Behind a text between two equal marks of dollars; behind the sign where no mark begins. */
function dollarQuoteEnd(bytes: Buffer, start: number): number {
  let at = start + 1
  if (isNameStart(bytes[at])) while (isNamePart(bytes[at]) && bytes[at] !== dollar) at++
  if (bytes[at] !== dollar) return start + 1
  const end = bytes.indexOf(bytes.subarray(start, at + 1), at + 1)
  return end < 0 ? bytes.length : end + (at + 1 - start)
}

function isBlank(byte: number | undefined): boolean {
  return byte === blank || (byte !== undefined && byte >= tab && byte <= carriageReturn)
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine
}

function isNameStart(byte: number | undefined): boolean {
  if (byte === undefined) return false
  const small = byte | 0x20
  return (small >= smallA && small <= smallZ && byte < beyondAscii) || byte === underscore || byte >= beyondAscii
}

function isNamePart(byte: number | undefined): boolean {
  return isNameStart(byte) || isDigit(byte) || byte === dollar
}
