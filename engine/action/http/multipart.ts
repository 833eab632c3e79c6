// The parts of a multipart/form-data body (RFC 7578), read strictly: what two servers could take for other parts, names or
// files is not understood, and the action is incomplete.
import { isReadAsUtf8 } from './charset.ts'
import type { HttpJson } from './facts.ts'
import { partHeadBytesMax, partsMax, partTextMax } from './limits.ts'

/** What policies see of the parts: name, file name, media type, length, and the text of short fields. */
export function multipartParts(contentType: string, body: Uint8Array): readonly HttpJson[] | undefined {
  const boundary = boundaryOf(contentType)
  if (boundary === undefined) return undefined
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  const mark = `\r\n--${boundary}`
  // The first boundary stands without the line end before it; a preamble is read by some and skipped by others.
  if (!bytes.subarray(0, mark.length).toString('latin1').startsWith(mark.slice(2))) return undefined
  const parts: HttpJson[] = []
  let at = mark.length - 2
  for (;;) {
    const end = bytes.toString('latin1', at, at + 2)
    if (end === '--') {
      const rest = bytes.length - at - 2
      return parts.length > 0 && (rest === 0 || bytes.toString('latin1', at + 2) === '\r\n') ? parts : undefined
    }
    if (end !== '\r\n' || parts.length >= partsMax) return undefined
    const headEnd = bytes.indexOf('\r\n\r\n', at)
    if (headEnd < 0 || headEnd - at > partHeadBytesMax) return undefined
    const next = bytes.indexOf(mark, headEnd + 2, 'latin1')
    // Flask and PHP find a boundary behind a bare line feed too, and so another part in this one.
    if (next < 0 || bytes.indexOf(mark.slice(2), at, 'latin1') !== next + 2) return undefined
    const head = utf8Of(bytes.subarray(at + 2, headEnd))
    const part = head === undefined ? undefined : partOf(head, bytes.subarray(headEnd + 4, Math.max(headEnd + 4, next)))
    // A boundary right behind the head would share its line end with it.
    if (part === undefined || next < headEnd + 4) return undefined
    parts.push(part)
    at = next + mark.length
  }
}

const boundaryText = /^[A-Za-z0-9'()+_,./:=?-]{1,70}$/

function boundaryOf(contentType: string): string | undefined {
  const [type = '', ...parameters] = contentType.split(';')
  if (type.trim().toLowerCase() !== 'multipart/form-data') return undefined
  const [first, ...more] = parameters.map((one) => one.trim())
  if (first === undefined || more.length > 0 || !first.toLowerCase().startsWith('boundary=')) return undefined
  const value = first.slice('boundary='.length)
  const plain = value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
  return boundaryText.test(plain) ? plain : undefined
}

function partOf(head: string, content: Buffer): HttpJson | undefined {
  if (!hasPlainLines(head)) return undefined
  let name: string | undefined
  let filename: string | undefined
  let type: string | undefined
  let isUtf8 = true
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':')
    const field = line.slice(0, Math.max(0, colon)).toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (field === 'content-type' && type === undefined) {
      type = (value.split(';', 1)[0] ?? '').trim().toLowerCase()
      isUtf8 = isReadAsUtf8(value)
    } else if (field === 'content-disposition' && name === undefined) {
      const read = disposition(value)
      if (read === undefined) return undefined
      name = read.name
      filename = read.filename
    } else return undefined
  }
  if (name === undefined) return undefined
  const facts = { name, filename: filename ?? '', type: type ?? '', bytes: content.length }
  if (filename !== undefined || content.length > partTextMax) return { ...facts, value: null }
  if (!isUtf8) return undefined
  const text = utf8Of(content)
  return text === undefined ? undefined : { ...facts, value: text }
}

/** Whether all readers find the same lines: some take a bare CR or LF, or what only Unicode calls one, for an end too. */
function hasPlainLines(head: string): boolean {
  for (const line of head.split('\r\n'))
    for (let at = 0; at < line.length; at++) {
      const code = line.charCodeAt(at)
      if ((code < 32 && code !== 9) || code === 127 || code === 0x85 || code === 0x2028 || code === 0x2029) return false
    }
  return true
}

/** `form-data; name="a"; filename="b"`, in this order and with these alone; no escapes, no `filename*`. */
const dispositionText = /^form-data; ?name="([^"\\\r\n\0]*)"(?:; ?filename="([^"\\\r\n\0]*)")?$/i

function disposition(value: string): { readonly name: string; readonly filename: string | undefined } | undefined {
  const read = dispositionText.exec(value)
  return read === null ? undefined : { name: read[1] ?? '', filename: read[2] }
}

function utf8Of(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
