// Where a list goes on. An API server writes into that the name of the last object of a page, which may be one that a filter
// hides; so a filtered list gives it out sealed, and the next request brings it back. Nothing else goes on under filters:
// from a name of the client's own, pages that are empty and go on would tell the names of what is hidden.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

const prefix = 'sallyport.'
const ivBytes = 12
const tagBytes = 16
/** The length of a name tells something too, so what is sealed is as long as a multiple of this. */
const paddedBytes = 128
/** Characters of a token that is opened; names and namespaces are far shorter. */
const tokenCharactersMax = 8192

/** A token that tells nothing, for the list of one place: the path of its requests. */
export function sealContinue(token: string, place: string, hashKey: Uint8Array): string {
  const text = Buffer.from(token)
  const padded = Buffer.alloc(Math.ceil((text.length + 4) / paddedBytes) * paddedBytes)
  padded.writeUInt32BE(text.length)
  text.copy(padded, 4)
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', keyOf(hashKey), iv).setAAD(Buffer.from(place))
  const sealed = Buffer.concat([cipher.update(padded), cipher.final()])
  return prefix + Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')
}

/** The token of the API server; undefined is none of this gateway for this place. */
function openContinue(token: string, place: string, hashKey: Uint8Array): string | undefined {
  if (token.length > tokenCharactersMax) return undefined
  const bytes = Buffer.from(token.slice(prefix.length), 'base64url')
  if (bytes.length <= ivBytes + tagBytes) return undefined
  const cipher = createDecipheriv('aes-256-gcm', keyOf(hashKey), bytes.subarray(0, ivBytes)).setAAD(Buffer.from(place))
  cipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
  try {
    const padded = Buffer.concat([cipher.update(bytes.subarray(ivBytes + tagBytes)), cipher.final()])
    return padded.subarray(4, 4 + padded.readUInt32BE()).toString()
  } catch {
    return undefined
  }
}

/**
 * A request target with the API server's own token in it; undefined when the token is none of this gateway. Tokens that
 * were never sealed are as they are, but under filters.
 */
export function withOpenContinue(target: string, isFiltered: boolean, hashKey: Uint8Array): string | undefined {
  const mark = target.indexOf('?')
  const name = 'continue='
  if (mark < 0 || !target.includes(isFiltered ? name : name + prefix)) return target
  const place = target.slice(0, mark)
  const parts = target.slice(mark + 1).split('&')
  const opened = parts.map((part) => {
    if (!part.startsWith(name) || part === name) return part
    const sealed = decodeURIComponent(part.slice(name.length))
    if (!sealed.startsWith(prefix)) return isFiltered ? undefined : part
    const token = openContinue(sealed, place, hashKey)
    return token === undefined ? undefined : name + encodeURIComponent(token)
  })
  return opened.includes(undefined) ? undefined : `${place}?${opened.join('&')}`
}

function keyOf(hashKey: Uint8Array): Buffer {
  return createHmac('sha256', hashKey).update('sallyport kubernetes continue').digest()
}
