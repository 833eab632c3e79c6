// SFTP version 3 as OpenSSH speaks it: requests of clients as plain data and back, and the answers that matter. Every
// decoder consumes all its bytes or throws SftpError.
import { unreachable } from '../../../rego/unreachable.ts'
import { handleBytesMax, SftpError } from './frames.ts'

/** Types of packets (draft-ietf-secsh-filexfer-02 3). */
export const types = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  symlink: 20,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
  extended: 200,
  extendedReply: 201,
} as const

/** Codes of a status (draft 7). */
export const status = { ok: 0, endOfFile: 1, noSuchFile: 2, permissionDenied: 3, failure: 4, unsupported: 8 } as const

/** Attributes as they stand in a request: their bytes, and in words what they change. */
export interface Attributes {
  readonly bytes: Buffer
  readonly words: readonly string[]
}

/** What names files by path. */
export type PathRequest =
  | { readonly kind: 'open'; readonly path: Buffer; readonly flags: number; readonly attributes: Attributes }
  | {
      readonly kind: 'lstat' | 'opendir' | 'remove' | 'rmdir' | 'realpath' | 'stat' | 'readlink'
      readonly path: Buffer
    }
  | { readonly kind: 'statvfs'; readonly path: Buffer }
  | { readonly kind: 'setstat' | 'mkdir' | 'lsetstat'; readonly path: Buffer; readonly attributes: Attributes }
  | { readonly kind: 'rename' | 'posix-rename' | 'link'; readonly path: Buffer; readonly target: Buffer }
  /** `target` is what the link will say. */
  | { readonly kind: 'symlink'; readonly path: Buffer; readonly target: Buffer }

/** What goes to a file that is open. */
export type HandleRequest =
  | { readonly kind: 'close' | 'fstat' | 'readdir' | 'fsync' | 'fstatvfs'; readonly handle: string }
  | { readonly kind: 'read'; readonly handle: string; readonly offset: bigint; readonly length: number }
  /** The bytes themselves stay in their packet. */
  | { readonly kind: 'write'; readonly handle: string }
  | { readonly kind: 'fsetstat'; readonly handle: string; readonly attributes: Attributes }
  | { readonly kind: 'copy-data'; readonly handle: string; readonly to: string }

/** A request of a client. */
export type SftpRequest = PathRequest | HandleRequest | { readonly kind: 'limits' } | { readonly kind: 'unsupported' }

/** Reads the fields of one packet. */
class Fields {
  readonly #bytes: Buffer
  #at: number
  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }
  #take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new SftpError('a field is cut off')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
  uint32(): number {
    return this.#take(4).readUInt32BE()
  }
  uint64(): bigint {
    return this.#take(8).readBigUInt64BE()
  }
  string(): Buffer {
    return this.#take(this.uint32())
  }
  handle(): string {
    const handle = this.string()
    if (handle.length > handleBytesMax) throw new SftpError('a handle is too long')
    return handle.toString('latin1')
  }
  get offset(): number {
    return this.#at
  }
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }
  end(): void {
    if (!this.isAtEnd) throw new SftpError('a packet has more than its fields')
  }
  attributes(): Attributes {
    const start = this.#at
    const flags = this.uint32()
    const words: string[] = []
    if ((flags & ~15) !== 0) throw new SftpError('attributes that are not known')
    if (flags & 1) words.push(`size=${this.uint64()}`)
    if (flags & 2) words.push(`owner=${this.uint32()}:${this.uint32()}`)
    if (flags & 4) words.push(`mode=${(this.uint32() & 0o7777).toString(8)}`)
    if (flags & 8) words.push(`times=${this.uint32()}:${this.uint32()}`)
    return { bytes: this.#bytes.subarray(start, this.#at), words }
  }
}

/** Type, and id or version, of a packet. */
export function headOf(packet: Buffer): { readonly type: number; readonly id: number } {
  return { type: packet.readUInt8(4), id: packet.readUInt32BE(5) }
}

function totalOf(packet: Buffer): number {
  return packet.readUInt32BE(0) + 4
}

/** Bytes of a `write` that have to be there to read it. */
export const writeHeadBytesMax: number = 9 + 4 + handleBytesMax + 8 + 4

/** Reads a request: a whole packet, or for `write` alone its beginning. */
export function decodeRequest(packet: Buffer): SftpRequest {
  const { type } = headOf(packet)
  const fields = new Fields(packet, 9)
  const request = readRequest(type, fields, packet)
  if (request.kind !== 'write' && request.kind !== 'unsupported') fields.end()
  return request
}

function readRequest(type: number, fields: Fields, packet: Buffer): SftpRequest {
  switch (type) {
    case types.open: {
      const [path, flags] = [fields.string(), fields.uint32()]
      if ((flags & ~63) !== 0) throw new SftpError('a way to open a file that is not known')
      return { kind: 'open', path, flags, attributes: fields.attributes() }
    }
    case types.close:
      return { kind: 'close', handle: fields.handle() }
    case types.read:
      return { kind: 'read', handle: fields.handle(), offset: fields.uint64(), length: fields.uint32() }
    case types.write: {
      const handle = fields.handle()
      fields.uint64()
      // Only the beginning of the packet may be here, so the length of the data is held against that of the packet.
      if (fields.uint32() + fields.offset !== totalOf(packet)) throw new SftpError('a packet has more than its fields')
      return { kind: 'write', handle }
    }
    case types.fstat:
      return { kind: 'fstat', handle: fields.handle() }
    case types.readdir:
      return { kind: 'readdir', handle: fields.handle() }
    case types.fsetstat:
      return { kind: 'fsetstat', handle: fields.handle(), attributes: fields.attributes() }
    case types.setstat:
      return { kind: 'setstat', path: fields.string(), attributes: fields.attributes() }
    case types.mkdir:
      return { kind: 'mkdir', path: fields.string(), attributes: fields.attributes() }
    case types.lstat:
      return { kind: 'lstat', path: fields.string() }
    case types.stat:
      return { kind: 'stat', path: fields.string() }
    case types.opendir:
      return { kind: 'opendir', path: fields.string() }
    case types.remove:
      return { kind: 'remove', path: fields.string() }
    case types.rmdir:
      return { kind: 'rmdir', path: fields.string() }
    case types.realpath:
      return { kind: 'realpath', path: fields.string() }
    case types.readlink:
      return { kind: 'readlink', path: fields.string() }
    case types.rename:
      return { kind: 'rename', path: fields.string(), target: fields.string() }
    case types.symlink: {
      // OpenSSH has the fields the other way round than the draft, and so has everybody since (PROTOCOL 4.1).
      const target = fields.string()
      return { kind: 'symlink', path: fields.string(), target }
    }
    case types.extended:
      return readExtended(fields)
    default:
      return { kind: 'unsupported' }
  }
}

/** Extensions that are followed (OpenSSH PROTOCOL 4); no others are offered to clients. */
export const extensions: ReadonlySet<string> = new Set([
  'posix-rename@openssh.com',
  'hardlink@openssh.com',
  'statvfs@openssh.com',
  'fstatvfs@openssh.com',
  'fsync@openssh.com',
  'lsetstat@openssh.com',
  'limits@openssh.com',
  'copy-data',
])

function readExtended(fields: Fields): SftpRequest {
  switch (fields.string().toString('latin1')) {
    case 'posix-rename@openssh.com':
      return { kind: 'posix-rename', path: fields.string(), target: fields.string() }
    case 'hardlink@openssh.com':
      return { kind: 'link', path: fields.string(), target: fields.string() }
    case 'statvfs@openssh.com':
      return { kind: 'statvfs', path: fields.string() }
    case 'fstatvfs@openssh.com':
      return { kind: 'fstatvfs', handle: fields.handle() }
    case 'fsync@openssh.com':
      return { kind: 'fsync', handle: fields.handle() }
    case 'lsetstat@openssh.com':
      return { kind: 'lsetstat', path: fields.string(), attributes: fields.attributes() }
    case 'limits@openssh.com':
      return { kind: 'limits' }
    case 'copy-data': {
      const handle = fields.handle()
      fields.uint64()
      fields.uint64()
      const to = fields.handle()
      fields.uint64()
      return { kind: 'copy-data', handle, to }
    }
    default:
      return { kind: 'unsupported' }
  }
}

/** A path request as the host gets it: re-encoded from what was judged. */
export function encodePathRequest(id: number, request: PathRequest): Buffer {
  switch (request.kind) {
    case 'open':
      return packet(types.open, id, text(request.path), uint32(request.flags), request.attributes.bytes)
    case 'lstat':
    case 'opendir':
    case 'remove':
    case 'rmdir':
    case 'realpath':
    case 'stat':
    case 'readlink':
      return packet(types[request.kind], id, text(request.path))
    case 'setstat':
    case 'mkdir':
      return packet(types[request.kind], id, text(request.path), request.attributes.bytes)
    case 'rename':
      return packet(types.rename, id, text(request.path), text(request.target))
    case 'symlink':
      return packet(types.symlink, id, text(request.target), text(request.path))
    case 'statvfs':
      return extended(id, 'statvfs@openssh.com', text(request.path))
    case 'lsetstat':
      return extended(id, 'lsetstat@openssh.com', text(request.path), request.attributes.bytes)
    case 'posix-rename':
      return extended(id, 'posix-rename@openssh.com', text(request.path), text(request.target))
    case 'link':
      return extended(id, 'hardlink@openssh.com', text(request.path), text(request.target))
    default:
      return unreachable(request)
  }
}

function extended(id: number, name: string, ...parts: readonly Buffer[]): Buffer {
  return packet(types.extended, id, text(Buffer.from(name)), ...parts)
}

/** Asks for the real path of a path. */
export function encodeRealpath(id: number, path: Buffer): Buffer {
  return packet(types.realpath, id, text(path))
}

/** Reads from a file that is open. */
export function encodeRead(id: number, handle: string, offset: bigint, length: number): Buffer {
  const where = Buffer.alloc(8)
  where.writeBigUInt64BE(offset)
  return packet(types.read, id, text(Buffer.from(handle, 'latin1')), where, uint32(length))
}

/** Closes a file that is open. */
export function encodeClose(id: number, handle: string): Buffer {
  return packet(types.close, id, text(Buffer.from(handle, 'latin1')))
}

/** An answer that is no more than a status. */
export function encodeStatus(id: number, code: number, message: string): Buffer {
  return packet(types.status, id, uint32(code), text(Buffer.from(message)), text(Buffer.alloc(0)))
}

/** An answer with bytes of a file. */
export function encodeData(id: number, bytes: Buffer): Buffer {
  return packet(types.data, id, text(bytes))
}

/** The code of a status. */
export function decodeStatus(bytes: Buffer): number {
  return new Fields(bytes, 9).uint32()
}

/** The handle of an answer. */
export function decodeHandle(bytes: Buffer): string {
  const fields = new Fields(bytes, 9)
  const handle = fields.handle()
  fields.end()
  return handle
}

/** The bytes of an answer. */
export function decodeData(bytes: Buffer): Buffer {
  const fields = new Fields(bytes, 9)
  const data = fields.string()
  fields.end()
  return data
}

/** The one name of an answer to `realpath`. */
export function decodeRealpath(bytes: Buffer): Buffer {
  const fields = new Fields(bytes, 9)
  if (fields.uint32() !== 1) throw new SftpError('a real path that is not one')
  return fields.string()
}

/** One name of an answer: as it is, in a line for people, and what is told of it. */
export interface Name {
  readonly name: Buffer
  readonly line: Buffer
  readonly attributes: Buffer
}

/** The names of an answer. */
export function decodeNames(bytes: Buffer): readonly Name[] {
  const fields = new Fields(bytes, 9)
  const names: Name[] = []
  for (let left = fields.uint32(); left > 0; left--)
    names.push({ name: fields.string(), line: fields.string(), attributes: fields.attributes().bytes })
  fields.end()
  return names
}

/** An answer of names. */
export function encodeNames(id: number, names: readonly Name[]): Buffer {
  const parts = names.flatMap(({ name, line, attributes }) => [text(name), text(line), attributes])
  return packet(types.name, id, uint32(names.length), ...parts)
}

/** The host's version with the extensions that are followed, and no others. */
export function filterVersion(bytes: Buffer): Buffer {
  const { id: version } = headOf(bytes)
  if (version !== 3) throw new SftpError('a version that is not spoken here')
  const fields = new Fields(bytes, 9)
  const kept: Buffer[] = []
  while (!fields.isAtEnd) {
    const [name, data] = [fields.string(), fields.string()]
    if (extensions.has(name.toString('latin1'))) kept.push(text(name), text(data))
  }
  return packet(types.version, version, ...kept)
}

function packet(type: number, id: number, ...parts: readonly Buffer[]): Buffer {
  const length = 5 + parts.reduce((sum, part) => sum + part.length, 0)
  const head = Buffer.alloc(9)
  head.writeUInt32BE(length)
  head.writeUInt8(type, 4)
  head.writeUInt32BE(id, 5)
  return Buffer.concat([head, ...parts])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Bytes with their length before them. */
function text(bytes: Buffer): Buffer {
  return Buffer.concat([uint32(bytes.length), bytes])
}
