// A tar reader that is fed chunks. Knows ustar, pax and GNU long names, which is all that bundle tools write.
// Whatever else it meets (links, devices, sparse files, a wrong checksum, a cut end) refuses the archive.
import { BundleError } from './error.ts'
import type { BundleLimits } from './limits.ts'
import { checkPath } from './paths.ts'

/** One regular file of a bundle. */
export interface BundleFile {
  /** Relative to the bundle's root, without a leading slash. */
  readonly path: string
  readonly bytes: Uint8Array
}

const blockBytes = 512
const extendedHeaderBytesMax = 64 * 1024

interface Header {
  readonly name: string
  readonly size: number
  readonly type: string
}

/** Collects files from tar bytes that come in any chunks. Call `end` when there are no more. */
export class TarReader {
  readonly files: BundleFile[] = []
  readonly #limits: BundleLimits
  readonly #paths = new Set<string>()
  #pending: Uint8Array = new Uint8Array(0)
  #current: { readonly header: Header; readonly body: Uint8Array; filled: number } | undefined
  #padding = 0
  #longName: string | undefined
  #entries = 0
  #unpackedBytes = 0
  #zeroBlocks = 0

  constructor(limits: BundleLimits) {
    this.#limits = limits
  }

  push(chunk: Uint8Array): void {
    let data = chunk
    if (this.#pending.length > 0) {
      data = new Uint8Array(this.#pending.length + chunk.length)
      data.set(this.#pending)
      data.set(chunk, this.#pending.length)
      this.#pending = new Uint8Array(0)
    }
    let at = 0
    while (at < data.length) {
      if (this.#current !== undefined) {
        at = this.#fill(data, at)
      } else if (this.#padding > 0) {
        const skipped = Math.min(this.#padding, data.length - at)
        this.#padding -= skipped
        at += skipped
      } else if (data.length - at >= blockBytes) {
        this.#header(data.subarray(at, at + blockBytes))
        at += blockBytes
      } else {
        this.#pending = data.slice(at)
        return
      }
    }
  }

  end(): readonly BundleFile[] {
    if (this.#current !== undefined || this.#padding > 0 || this.#pending.length > 0)
      throw new BundleError('bad_tar', 'the archive ends inside a file')
    if (this.#zeroBlocks < 2) throw new BundleError('bad_tar', 'the archive has no end marker')
    return this.files
  }

  #fill(data: Uint8Array, start: number): number {
    const current = this.#current
    if (current === undefined) return start
    const taken = Math.min(current.header.size - current.filled, data.length - start)
    current.body.set(data.subarray(start, start + taken), current.filled)
    current.filled += taken
    if (current.filled === current.header.size) this.#finish()
    return start + taken
  }

  #header(block: Uint8Array): void {
    if (block.every((byte) => byte === 0)) {
      this.#zeroBlocks++
      return
    }
    if (this.#zeroBlocks > 0) throw new BundleError('bad_tar', 'there is data after the end marker')
    if (++this.#entries > this.#limits.entriesMax)
      throw new BundleError('too_many_entries', `the archive has more than ${this.#limits.entriesMax} entries`)
    const header = decodeHeader(block)
    const extended = header.type === 'x' || header.type === 'g' || header.type === 'L'
    const sizeMax = extended ? extendedHeaderBytesMax : this.#limits.fileBytesMax
    if (header.size > sizeMax)
      throw new BundleError('file_too_large', `a file of the archive is larger than ${sizeMax} bytes`)
    this.#unpackedBytes += header.size
    if (this.#unpackedBytes > this.#limits.unpackedBytesMax) {
      throw new BundleError(
        'archive_too_large',
        `the archive unpacks to more than ${this.#limits.unpackedBytesMax} bytes`,
      )
    }
    if (!extended) refuseUnusual(header)
    this.#current = { header, body: new Uint8Array(header.size), filled: 0 }
    if (header.size === 0) this.#finish()
  }

  #finish(): void {
    const current = this.#current
    if (current === undefined) return
    this.#current = undefined
    this.#padding = (blockBytes - (current.header.size % blockBytes)) % blockBytes
    const { type } = current.header
    if (type === 'g') {
      paxPath(current.body)
      return
    }
    if (type === 'x') {
      this.#longName = paxPath(current.body) ?? this.#longName
      return
    }
    if (type === 'L') {
      this.#longName = decodeText(current.body)
      return
    }
    const name = this.#longName ?? current.header.name
    this.#longName = undefined
    if (type === '5') {
      if (name !== './' && name !== '/' && name !== '.')
        checkPath(name.endsWith('/') ? name.slice(0, -1) : name, this.#limits)
      return
    }
    const path = checkPath(name, this.#limits)
    if (this.#paths.has(path))
      throw new BundleError('duplicate_entry', `${JSON.stringify(path)} is in the archive twice`)
    this.#paths.add(path)
    this.files.push({ path, bytes: current.body })
  }
}

function refuseUnusual(header: Header): void {
  switch (header.type) {
    case '0':
    case '\0':
      return
    case '5':
      if (header.size !== 0) throw new BundleError('bad_tar', 'a folder of the archive has content')
      return
    case '1':
    case '2':
      throw new BundleError('link', `${JSON.stringify(header.name)} is a link`)
    default:
      throw new BundleError('special_file', `${JSON.stringify(header.name)} is neither a file nor a folder`)
  }
}

function decodeHeader(block: Uint8Array): Header {
  let sum = 0
  for (let at = 0; at < blockBytes; at++) sum += at >= 148 && at < 156 ? 32 : (block[at] ?? 0)
  if (octal(block.subarray(148, 156)) !== sum)
    throw new BundleError('bad_tar', 'a header of the archive has a wrong checksum')
  // GNU's older format has times where ustar has the beginning of a long name; star's has them behind a shorter one.
  const isUstar = Buffer.from(block.subarray(257, 263)).toString('latin1') === 'ustar\0'
  const isStar = isUstar && Buffer.from(block.subarray(508, 512)).toString('latin1') === 'tar\0'
  const prefix = isUstar ? decodeText(block.subarray(345, isStar ? 476 : 500)) : ''
  const name = decodeText(block.subarray(0, 100))
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: octal(block.subarray(124, 136)),
    type: String.fromCharCode(block[156] ?? 0),
  }
}

function octal(field: Uint8Array): number {
  let value = 0
  let digits = 0
  let ended = false
  for (const byte of field) {
    const isDigit = byte >= 48 && byte <= 55
    if (ended ? byte !== 0 && byte !== 32 : !isDigit && byte !== 0 && byte !== 32)
      throw new BundleError('bad_tar', 'a number in a header of the archive is no octal number')
    if (isDigit) {
      value = value * 8 + (byte - 48)
      digits++
    } else ended = digits > 0
  }
  return value
}

function decodeText(field: Uint8Array): string {
  const end = field.indexOf(0)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(end < 0 ? field : field.subarray(0, end))
  } catch (cause) {
    throw new BundleError('bad_path', 'a path of the archive is not UTF-8', { cause })
  }
}

/** The `path` record of a pax header, if it has one. A record that changes the size of a file is refused. */
function paxPath(body: Uint8Array): string | undefined {
  let path: string | undefined
  let at = 0
  while (at < body.length) {
    const space = body.indexOf(32, at)
    const length = space < 0 ? 0 : Number(decodeText(body.subarray(at, space)))
    if (
      !Number.isInteger(length) ||
      length <= space - at + 1 ||
      at + length > body.length ||
      body[at + length - 1] !== 10
    ) {
      throw new BundleError('bad_tar', 'a pax header of the archive is malformed')
    }
    const record = body.subarray(space + 1, at + length - 1)
    const equals = record.indexOf(61)
    if (equals < 0) throw new BundleError('bad_tar', 'a pax header of the archive is malformed')
    const key = Buffer.from(record.subarray(0, equals)).toString('utf8')
    // What other records say (attributes of files, times) is not looked at, and need not be text.
    if (key === 'path') {
      if (record.includes(0)) throw new BundleError('bad_path', 'a path of the archive holds a zero byte')
      path = decodeText(record.subarray(equals + 1))
    }
    if (key === 'size' || key === 'linkpath' || key.startsWith('GNU.sparse')) {
      throw new BundleError('bad_tar', `a pax header of the archive sets \`${key}\``)
    }
    at += length
  }
  return path
}
