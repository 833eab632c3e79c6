// Writes the segments of one session: whole frames at known offsets. A write that fails is taken back, so that the
// chain on disk is always whole up to the last frame that was accepted.
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Checkpoint, encodeCheckpoint, type Signer } from './checkpoint.ts'
import { RecordingError } from './error.ts'
import { chain, encodeHeader, type FrameType, frameHead, frameTypes } from './frame.ts'
import { type KeyWrapper, seal, sealBytes } from './sealing.ts'

/** Bytes after which a segment closes. */
export const segmentBytesMax: number = 64 * 1024 * 1024

/** What a segment writer is made of. */
export interface SegmentParts {
  readonly folder: string
  readonly session: string
  readonly gateway: string
  readonly signer: Signer
  readonly wrapper: KeyWrapper | undefined
  readonly sessionKey: Uint8Array | undefined
  readonly nowMs: () => number
}

/** The open segment of a session. */
export class SegmentWriter {
  readonly #parts: SegmentParts
  #fd: number | undefined
  #segment = 0
  #offset = 0
  #head: Uint8Array = new Uint8Array(0)
  #previous = ''
  #frames = 0
  #entries = 0
  #nextSequence = 0

  constructor(parts: SegmentParts) {
    this.#parts = parts
    mkdirSync(parts.folder, { recursive: true, mode: 0o700 })
    this.#open()
  }

  /** The file to sync, while it is open. */
  get fd(): number | undefined {
    return this.#fd
  }

  /** Hash of the last frame, or of the header, hexadecimal. */
  get head(): string {
    return Buffer.from(this.#head).toString('hex')
  }

  /** Writes entries as one frame. Throws RecordingError, and then nothing of them is on disk. */
  write(entries: readonly Uint8Array[], type: FrameType = frameTypes.sealed): void {
    if (entries.length === 0) return
    if (this.#fd === undefined) this.#open()
    const { sessionKey } = this.#parts
    const plainBytes = entries.reduce((sum, entry) => sum + entry.length, 0)
    const sealed = sessionKey !== undefined
    const head = frameHead(
      sealed ? type : frameTypes.plain,
      this.#nextSequence,
      entries.length,
      plainBytes + (sealed ? sealBytes : 0),
    )
    const body = sealed ? seal(sessionKey, head, entries) : Buffer.concat(entries)
    this.#put(head, body)
    this.#nextSequence += entries.length
    this.#entries += entries.length
    if (this.#offset >= segmentBytesMax) this.#roll()
  }

  /** Signs what is there and closes the file. `final` closes the session too. */
  close(final: string | undefined): void {
    if (this.#fd === undefined) this.#open()
    const { session, signer, nowMs } = this.#parts
    const checkpoint: Checkpoint = {
      session,
      segment: this.#segment,
      entries: this.#entries,
      frames: this.#frames,
      bytes: this.#offset,
      head: this.head,
      previous: this.#previous,
      nextSequence: this.#nextSequence,
      wallMs: nowMs(),
      ...(final === undefined ? {} : { final }),
    }
    const body = encodeCheckpoint(checkpoint, signer)
    this.#put(frameHead(frameTypes.checkpoint, this.#nextSequence, 0, body.length), body)
  }

  /** Lets go of the file without another word; what is on disk stays. */
  release(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  /** True when the file can still be found under its name: a folder that vanished must not swallow records. */
  stillThere(): boolean {
    return this.#fd !== undefined && fstatSync(this.#fd).nlink > 0
  }

  /** Begins anew in a fresh folder after the old one vanished; the chain goes on. */
  reopen(): void {
    this.release()
    mkdirSync(this.#parts.folder, { recursive: true, mode: 0o700 })
    this.#previous = this.head
    this.#segment++
    this.#open()
  }

  #roll(): void {
    this.close(undefined)
    this.release()
    this.#previous = this.head
    this.#segment++
    this.#open()
  }

  #open(): void {
    const { folder, session, gateway, signer, wrapper, sessionKey, nowMs } = this.#parts
    const wrapped =
      wrapper === undefined || sessionKey === undefined
        ? undefined
        : { key: wrapper.id, wrapped: Buffer.from(wrapper.wrap(sessionKey)).toString('base64') }
    const { bytes, hash } = encodeHeader({
      version: 1,
      session,
      segment: this.#segment,
      gateway,
      signer: signer.keyId,
      previous: this.#previous,
      firstSequence: this.#nextSequence,
      wallMs: nowMs(),
      ...(wrapped === undefined ? {} : { sealed: wrapped }),
    })
    const path = join(folder, segmentName(this.#segment))
    let fd: number | undefined
    try {
      fd = openSync(path, 'wx', 0o600)
      writeWhole(fd, bytes, 0)
    } catch (cause) {
      if (fd !== undefined) closeSync(fd)
      throw new RecordingError('unwritable', 'a recording segment cannot be created', { cause })
    }
    this.#fd = fd
    this.#offset = bytes.length
    this.#head = hash
    this.#frames = 0
    this.#entries = 0
  }

  #put(head: Buffer, body: Buffer): void {
    const fd = this.#fd
    if (fd === undefined) throw new RecordingError('closed', 'the recording is closed')
    const hash = chain(this.#head, head, body)
    const frame = Buffer.concat([head, body, hash])
    try {
      writeWhole(fd, frame, this.#offset)
    } catch (cause) {
      takeBack(fd, this.#offset)
      throw new RecordingError('unwritable', 'the recording cannot be written', { cause })
    }
    this.#offset += frame.length
    this.#head = hash
    this.#frames++
  }
}

/** The file name of a segment. */
export function segmentName(segment: number): string {
  return `${String(segment).padStart(6, '0')}.segment`
}

function writeWhole(fd: number, bytes: Uint8Array, offset: number): void {
  let at = 0
  while (at < bytes.length) at += writeSync(fd, bytes, at, bytes.length - at, offset + at)
}

function takeBack(fd: number, offset: number): void {
  try {
    ftruncateSync(fd, offset)
  } catch {
    // The next write goes to the same offset and covers what this one left.
  }
}
