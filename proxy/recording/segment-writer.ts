// Writes the segments of one session: whole frames at known offsets. A write that fails is taken back, so that the
// chain on disk is always whole up to the last frame that was accepted.
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { BulkJob } from './bulk-sealing.ts'
import type { BulkThread } from './bulk-thread.ts'
import type { Viewed } from './byte-sink.ts'
import { type Checkpoint, encodeCheckpoint, type Signer } from './checkpoint.ts'
import { RecordingError } from './error.ts'
import { beginFrame, encodeHeader, endFrame, formatVersion, frameHead } from './frame.ts'
import { type FrameType, frameTypes, hashBytes } from './frame-types.ts'
import { OpenFrame, pieceBytesMax } from './open-frame.ts'
import { drawNonce, nonceBytes, type SessionKey, sealBytes, sealInto } from './sealing.ts'
import { syncFolder } from './sync-folder.ts'

/** Bytes after which a segment closes, where nothing else is said. */
export const segmentBytesDefault: number = 64 * 1024 * 1024

/** How long a file that was there is taken to be there, where entries are not synced one by one. */
const lookMs = 5

/** What a segment writer is made of. */
export interface SegmentParts {
  readonly folder: string
  readonly session: string
  readonly gateway: string
  readonly signer: Signer
  readonly sessionKey: SessionKey | undefined
  readonly segmentBytes: number
  /** Makes large frames; without it they are made here. */
  readonly bulk: Pick<BulkThread, 'take'> | undefined
  /** `names` brings folders to the disk too, `bytes` what a closed segment holds, `none` leaves all to the system. */
  readonly durable: 'names' | 'bytes' | 'none'
  readonly nowMs: () => number
  readonly monotonicMs: () => number
  /** Gives the session's folder with its first file, which is open and empty, where one was made before. */
  readonly spare?: (folder: string) => number | undefined
  /** Called with a file that was opened, and its segment's name. */
  readonly onOpened: (fd: number, segment: string) => void
  /** Called with where bytes were written, and where in memory they stand; they count until the call returns. */
  readonly onWritten: (fd: number, offset: number, memory: Uint8Array, from: number, length: number) => void
  /** Called with a file that grew by more than is told of in bytes. */
  readonly onGrown: (fd: number) => void
  /** Called before a file is closed. */
  readonly onClosing: (fd: number) => void
  /** Called with the name of a segment that will not change any more. */
  readonly onClosed: (segment: string) => void
}

/** The open segment of a session. */
export class SegmentWriter {
  readonly #parts: SegmentParts
  #fd: number | undefined
  /** Number of the segment that is open, or that opens next. */
  #segment = 0
  #offset = 0
  #head: Uint8Array = new Uint8Array(0)
  #previous = ''
  #frames = 0
  #entries = 0
  #nextSequence = 0
  /** The frame that is written in pieces. */
  #frame: OpenFrame | undefined
  /** True where a piece of it was made and could not be written. */
  #isBroken = false
  /** True while bytes of a failed write may stand behind the offset. */
  #dirty = false
  #lookedMs = 0
  #ended = false
  /** True while a frame is written elsewhere: until then nothing is written here. */
  #isElsewhere = false

  constructor(parts: SegmentParts) {
    this.#parts = parts
    try {
      this.#open()
    } catch (error) {
      this.abandon()
      throw error
    }
  }

  /** The file to sync, while it is open. */
  get fd(): number | undefined {
    return this.#fd
  }

  /** Hash of the last frame, or of the header, hexadecimal. */
  get head(): string {
    return Buffer.from(this.#head).toString('hex')
  }

  /** Sees to it that there is a segment that takes another frame, and tells its number. Throws RecordingError. */
  prepare(monotonicMs: number): number {
    if (this.#isElsewhere) return this.#segment
    this.#ensureOpen(monotonicMs)
    // A segment is closed before the frame that no longer fits, so that an answer never depends on opening the next.
    if (this.#offset >= this.#parts.segmentBytes) this.#roll()
    return this.#segment
  }

  /**
   * Writes entries, which are the first `length` bytes, as one frame or piece into the segment they were made for. Throws
   * RecordingError, and then nothing counts.
   */
  write(entries: Viewed, length: number, count: number, segment: number): void {
    // Between making entries and writing them a turn may pass where each is synced.
    if (this.#parts.durable === 'names') this.#ensureOpen()
    if (this.#segment !== segment) throw new RecordingError('unwritable', 'the recording went away')
    const key = this.#parts.sessionKey?.key
    const isPiece = length <= pieceBytesMax && this.#parts.durable !== 'names'
    if (!isPiece || this.#isBroken || this.#frame?.isEnding === true) this.endFrame()
    if (isPiece) {
      this.#putPiece(entries, length, count, key)
      return
    }
    const { type, bodyBytes } = this.#bodyOf(length)
    const frame = beginFrame(this.#head, type, this.#nextSequence, count, bodyBytes)
    const plain = entries.bytes.subarray(0, length)
    if (key === undefined) frame.body.set(plain)
    else sealInto(frame.body, key, frame.head, plain)
    this.#put(endFrame(frame))
    this.#frames++
    this.#nextSequence += count
    this.#entries += count
  }

  /**
   * Has entries written elsewhere as one frame into the segment they were made for. False where `write` is to do it.
   * `done` is told once; until then nothing else may be written. Throws RecordingError, and then nothing counts.
   */
  writeElsewhere(entries: Uint8Array, count: number, segment: number, done: (error?: RecordingError) => void): boolean {
    const { bulk, sessionKey, segmentBytes } = this.#parts
    const fd = this.#fd
    // A segment that is full is closed before the next entries are made; so what fills it up is written here.
    const isRoom = this.#segment === segment && this.#offset < segmentBytes && !this.#dirty
    if (bulk === undefined || fd === undefined || !isRoom || !this.#isThere(fd, this.#parts.monotonicMs())) return false
    this.endFrame()
    const { type, bodyBytes } = this.#bodyOf(entries.length)
    const head = new Uint8Array(frameHead(type, this.#nextSequence, count, bodyBytes))
    const offset = this.#offset
    const job = { fd, offset, previous: new Uint8Array(this.#head), head, seal: newSeal(sessionKey) }
    this.#isElsewhere = bulk.take(job, entries, (hash, cause) => {
      this.#isElsewhere = false
      if (hash === undefined) {
        this.#dirty = true
        this.#takeBack(fd)
        done(new RecordingError('unwritable', 'the recording cannot be written', { cause }))
        return
      }
      const length = head.length + bodyBytes + hashBytes
      this.#offset += length
      this.#head = hash
      this.#frames++
      this.#nextSequence += count
      this.#entries += count
      this.#parts.onGrown(fd)
      done()
    })
    return this.#isElsewhere
  }

  #bodyOf(length: number): { readonly type: FrameType; readonly bodyBytes: number } {
    return this.#parts.sessionKey === undefined
      ? { type: frameTypes.plain, bodyBytes: length }
      : { type: frameTypes.sealed, bodyBytes: length + sealBytes }
  }

  /** True where a frame in pieces is to be ended. */
  get hasOpenFrame(): boolean {
    return this.#frame !== undefined
  }

  /** Ends a frame in pieces. False where there is none. Throws RecordingError, and can then be asked again. */
  endFrame(): boolean {
    const frame = this.#frame
    if (frame === undefined) return false
    if (frame.isBegun) {
      this.#put(frame.end(!this.#isBroken))
      this.#frames++
    }
    this.#frame = undefined
    this.#isBroken = false
    return true
  }

  /** Writes entries as the next piece of the open frame. */
  #putPiece(entries: Viewed, length: number, count: number, key: Uint8Array | undefined): void {
    this.#frame ??= new OpenFrame(this.#head, key, this.#nextSequence)
    const made = this.#frame.piece(entries, length, count)
    try {
      this.#write(this.#frame.memory.bytes, this.#frame.from, made)
    } catch (error) {
      // The stream that seals went on with what is not in the file: this frame takes no more.
      this.#isBroken = true
      throw error
    }
    this.#frame.accept()
    this.#nextSequence += count
    this.#entries += count
  }

  /** Signs what is there; `final` closes the session too. Throws RecordingError, and can then be asked again. */
  close(final: string | undefined): void {
    if (this.#ended) return
    this.#ensureOpen()
    this.endFrame()
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
    const frame = beginFrame(this.#head, frameTypes.checkpoint, this.#nextSequence, 0, body.length)
    frame.body.set(body)
    this.#put(endFrame(frame))
    this.#frames++
    if (final !== undefined) this.#ended = true
  }

  /** Closes a segment that holds something, and begins the next. Throws RecordingError. */
  roll(): void {
    if (this.#fd !== undefined && this.#frames > 0 && !this.#ended) this.#roll()
  }

  /** Lets go of the file without another word; what is on disk stays. */
  release(): void {
    if (this.#fd === undefined) return
    this.#close(this.#fd)
    this.#parts.onClosed(segmentName(this.#segment))
  }

  /** Takes back a session that was never begun. */
  abandon(): void {
    try {
      if (this.#fd !== undefined) {
        this.#close(this.#fd)
        rmSync(this.#path())
      }
      // Only what is empty goes: a session of this name that is already there stays.
      rmdirSync(this.#parts.folder)
    } catch {
      // An empty folder that stays is told apart from a session that lost its records: the log does not know it.
    }
    this.#fd = undefined
  }

  /** The file of a folder that vanished is gone with its records; the chain goes on in the next segment. */
  #ensureOpen(monotonicMs: number = this.#parts.monotonicMs()): void {
    if (this.#fd !== undefined) {
      if (this.#isThere(this.#fd, monotonicMs)) return
      this.#close(this.#fd)
      this.#next()
    }
    this.#open()
  }

  /** Whether the file has its name still, as it was when that was last looked at. */
  #isThere(fd: number, nowMs: number): boolean {
    if (this.#parts.durable !== 'names' && nowMs - this.#lookedMs < lookMs) return true
    if (!isNamed(fd)) return false
    this.#lookedMs = nowMs
    return true
  }

  #roll(): void {
    this.close(undefined)
    this.#syncWhole()
    this.release()
    this.#next()
    this.#open()
  }

  /** What stands in a segment that nobody will sync again. */
  #syncWhole(): void {
    if (this.#fd === undefined || this.#parts.durable === 'none') return
    try {
      fdatasyncSync(this.#fd)
    } catch (cause) {
      throw new RecordingError('unwritable', 'the recording cannot be synced', { cause })
    }
  }

  #next(): void {
    this.#frame = undefined
    this.#isBroken = false
    this.#previous = this.head
    this.#segment++
    this.#dirty = false
  }

  #close(fd: number): void {
    this.#parts.onClosing(fd)
    this.#fd = undefined
    closeSync(fd)
  }

  #path(): string {
    return join(this.#parts.folder, segmentName(this.#segment))
  }

  #open(): void {
    const { folder, session, gateway, signer, sessionKey, durable, nowMs } = this.#parts
    const { bytes, hash } = encodeHeader({
      version: formatVersion,
      session,
      segment: this.#segment,
      gateway,
      signer: signer.keyId,
      previous: this.#previous,
      firstSequence: this.#nextSequence,
      wallMs: nowMs(),
      ...(sessionKey === undefined
        ? {}
        : { sealed: { key: sessionKey.wrapperId, wrapped: Buffer.from(sessionKey.wrapped).toString('base64') } }),
    })
    let fd: number | undefined
    try {
      if (this.#segment === 0) fd = this.#parts.spare?.(folder)
      if (fd === undefined) {
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        fd = openSync(this.#path(), 'wx+', 0o600)
      }
      writeWhole(fd, bytes, 0, bytes.length, 0)
      if (durable === 'names') {
        fdatasyncSync(fd)
        for (const one of [folder, dirname(folder)]) syncFolder(one)
      }
    } catch (cause) {
      if (fd !== undefined) {
        closeSync(fd)
        // Half a header is no segment; left there it would bar the way for the next try.
        rmSync(this.#path(), { force: true })
      }
      throw new RecordingError('unwritable', 'a recording segment cannot be created', { cause })
    }
    this.#fd = fd
    this.#offset = bytes.length
    this.#head = hash
    this.#frames = 0
    this.#entries = 0
    this.#parts.onOpened(fd, segmentName(this.#segment))
    this.#parts.onWritten(fd, 0, bytes, 0, bytes.length)
  }

  /** Writes a frame, or the end of one, which ends in its hash. */
  #put(frame: Buffer): void {
    this.#write(frame, 0, frame.length)
    // A copy: the frame's memory must not live as long as the session.
    this.#head = Buffer.from(frame.subarray(frame.length - hashBytes))
  }

  #write(memory: Buffer, from: number, length: number): void {
    const fd = this.#fd
    if (fd === undefined) throw new RecordingError('closed', 'the recording is closed')
    try {
      if (this.#dirty) ftruncateSync(fd, this.#offset)
      this.#dirty = true
      writeWhole(fd, memory, from, length, this.#offset)
    } catch (cause) {
      this.#takeBack(fd)
      throw new RecordingError('unwritable', 'the recording cannot be written', { cause })
    }
    this.#dirty = false
    this.#parts.onWritten(fd, this.#offset, memory, from, length)
    this.#offset += length
  }

  #takeBack(fd: number): void {
    try {
      ftruncateSync(fd, this.#offset)
      this.#dirty = false
    } catch {
      // It stays dirty: the next write takes back first.
    }
  }
}

/** The file name of a segment. */
export function segmentName(segment: number): string {
  return `${String(segment).padStart(6, '0')}.segment`
}

function newSeal(sessionKey: SessionKey | undefined): BulkJob['seal'] {
  if (sessionKey === undefined) return undefined
  const nonce = Buffer.alloc(nonceBytes)
  drawNonce(nonce)
  // Copies: what is sent to another thread is sent with all the memory that it is a part of.
  return { key: new Uint8Array(sessionKey.key), nonce: new Uint8Array(nonce) }
}

function isNamed(fd: number): boolean {
  try {
    return fstatSync(fd).nlink > 0
  } catch (cause) {
    throw new RecordingError('unwritable', 'the recording cannot be looked at', { cause })
  }
}

function writeWhole(fd: number, memory: Uint8Array, from: number, length: number, offset: number): void {
  let at = 0
  while (at < length) at += writeSync(fd, memory, from + at, length - at, offset + at)
}
