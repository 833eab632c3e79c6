// How the bytes of an answer flow to the client. What comes in one turn goes on together: a TLS record is small, and each
// piece costs as much on its way as the bytes of ten.
import { constants } from 'node:http2'
import { pipeline, type Readable, type Transform, Writable } from 'node:stream'
import type { Kept } from '../../listening/room.ts'
import type { FrontResponse } from '../front.ts'
import { answerRoom } from '../rooms.ts'

/** What one piece counts: nothing more, an end to all of it, or a wait for the recorder. */
export type Metered = 'stop' | undefined | ((go: () => void) => void)

/** Whoever lets an answer flow. */
export interface Flowing {
  /** Asked before each piece goes to the client, and once for an answer without a body, because its head waits for that. */
  meter(bytes: Buffer): Metered
  /** Told once: without an error when all of it is out, and nothing of it may look whole otherwise. */
  done(error: NodeJS.ErrnoException | null | undefined): void
}

/** Bytes that are gathered at most before they go on. */
const gatheredMax: number = 128 * 1024
/** Bytes that wait for the client before the cluster is not read any more, where its connection has room for them. */
const behindMax: number = 256 * 1024

/** What waits for the client of one answer. */
class Behind {
  readonly #to: FrontResponse
  #kept: Kept | undefined

  constructor(to: FrontResponse) {
    this.#to = to
  }

  /** Counts what waits, and `more` that stands before it; whether more of the answer may be read. Asked where a write was not taken at once. */
  mayGoOn(more: number): boolean {
    if (this.#kept === undefined) {
      this.#kept = answerRoom(this.#to)
      this.#to.on('drain', () => this.over())
    }
    const waits = this.#to.writableLength
    this.#kept?.counts(waits + more)
    return waits < behindMax && this.#kept?.isFull === false
  }

  /** Nothing waits any more. */
  over(): void {
    this.#kept?.counts(0)
  }
}

/** Lets an answer flow through what masks it to the client. */
export function flow(from: Readable, through: Transform, to: FrontResponse, flowing: Flowing): void {
  pipeline(through, new Sink(to, flowing), (error) => flowing.done(error))
  gather(from, through)
}

/** Lets an answer flow that goes as it is; its head goes out with the first piece. */
export function flowThrough(from: Readable, to: FrontResponse, flowing: Flowing): void {
  new Passage(from, to, flowing).start()
}

/** An answer on its way as it is. Quiet watches are many, so nothing stands between both ends but this. */
class Passage {
  readonly #from: Readable
  readonly #to: FrontResponse
  readonly #flowing: Flowing
  #pieces: Buffer[] = none
  #bytes = 0
  #isDue = false
  /** The recorder or the client is behind. */
  #waits = false
  /** The cluster has said all. */
  #isWhole = false
  #isOver = false
  #behind: Behind | undefined

  constructor(from: Readable, to: FrontResponse, flowing: Flowing) {
    this.#from = from
    this.#to = to
    this.#flowing = flowing
  }

  /** Listens to both ends: without `once`, which keeps several objects for each and is not needed. */
  start(): void {
    const from = this.#from
    from.on('data', (piece: Buffer) => this.#take(piece))
    from.on('end', () => {
      if (!endedWhole(from)) return this.#breakOff()
      this.#isWhole = true
      this.pass()
    })
    from.on('error', (error) => this.#end(error))
    from.on('close', () => {
      if (!this.#isWhole) this.#breakOff()
    })
    this.#to.on('close', () => this.#breakOff())
  }

  #take(piece: Buffer): void {
    if (this.#pieces === none) this.#pieces = [piece]
    else this.#pieces.push(piece)
    this.#bytes += piece.length
    this.#goOn()
  }

  #goOn(): void {
    if (this.#isWhole || this.#bytes >= gatheredMax) this.pass()
    else if (this.#bytes > 0 && !this.#isDue) {
      this.#isDue = true
      setImmediate(due, this)
    }
  }

  /** The time in which pieces were gathered is over. */
  due(): void {
    this.#isDue = false
    if (this.#bytes > 0) this.pass()
  }

  /** What was gathered goes on. */
  pass(): void {
    if (this.#isOver || this.#waits) return
    const [first] = this.#pieces
    const all = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces, this.#bytes)
    this.#pieces = none
    this.#bytes = 0
    const metered = this.#flowing.meter(all)
    if (metered === 'stop') this.#end(new Error('a limit was reached'))
    else if (metered === undefined) this.#send(all)
    else {
      this.#wait()
      metered(() => {
        this.#waits = false
        this.#send(all)
      })
    }
  }

  #send(bytes: Buffer): void {
    const to: Writable = this.#to
    if (this.#isOver || to.destroyed) return
    if (this.#isWhole && this.#bytes === 0) {
      to.end(bytes, () => this.#end(undefined))
      return
    }
    if (to.write(bytes) || this.#mayGoOn()) this.#resume()
    else {
      this.#wait()
      to.once('drain', () => this.#resume())
    }
  }

  #mayGoOn(): boolean {
    this.#behind ??= new Behind(this.#to)
    // What was read and waits here is as much as is read at once.
    return this.#behind.mayGoOn(this.#from.readableHighWaterMark)
  }

  #wait(): void {
    this.#waits = true
    this.#from.pause()
  }

  #resume(): void {
    this.#waits = false
    if (this.#from.isPaused()) this.#from.resume()
    this.#goOn()
  }

  #breakOff(): void {
    if (!this.#isOver) this.#end(new BrokenOff('one end of the answer is gone'))
  }

  #end(error: Error | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#behind?.over()
    this.#flowing.done(error)
    if (error !== undefined) this.#from.destroy()
  }
}

const none: Buffer[] = []

function due(passage: Passage): void {
  passage.due()
}

/** An answer that ended before its end. */
class BrokenOff extends Error {
  readonly code = 'ERR_STREAM_PREMATURE_CLOSE'
}

/** A stream of HTTP/2 that is reset, or whose connection is lost, ends like one that is whole, but for its code. */
function endedWhole(from: Readable): boolean {
  return !('rstCode' in from) || (from.rstCode === constants.NGHTTP2_NO_ERROR && !from.destroyed)
}

function gather(from: Readable, to: Writable): void {
  let pieces: Buffer[] = []
  let bytes = 0
  let isDue = false
  let isOver = false
  const pass = (): void => {
    isDue = false
    const [first] = pieces
    if (first === undefined || to.destroyed) return
    const all = pieces.length === 1 ? first : Buffer.concat(pieces, bytes)
    pieces = []
    bytes = 0
    if (to.write(all) || isOver) return
    from.pause()
    to.once('drain', () => from.resume())
  }
  from.on('data', (piece: Buffer) => {
    pieces.push(piece)
    bytes += piece.length
    if (bytes >= gatheredMax) pass()
    else if (!isDue) {
      isDue = true
      setImmediate(pass)
    }
  })
  from.on('end', () => {
    if (!endedWhole(from)) {
      to.destroy(new BrokenOff('the cluster broke the answer off'))
      return
    }
    isOver = true
    pass()
    to.end()
  })
  from.on('error', (error) => to.destroy(error))
  from.on('close', () => {
    if (!isOver) to.destroy()
  })
  to.on('close', () => {
    if (!isOver) from.destroy()
  })
}

/** The client's end: counts what passes, and waits where the recorder or the client asks for it. */
class Sink extends Writable {
  readonly #to: FrontResponse
  readonly #flowing: Flowing
  /** All of it is out. */
  #isOut = false
  #hasBegun = false
  readonly #behind: Behind

  constructor(to: FrontResponse, flowing: Flowing) {
    super({ highWaterMark: behindMax })
    this.#to = to
    this.#flowing = flowing
    this.#behind = new Behind(to)
    to.once('close', () => {
      this.#behind.over()
      if (!this.#isOut) this.destroy()
    })
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#hasBegun = true
    const metered = this.#flowing.meter(bytes)
    if (metered === 'stop') done(new Error('a limit was reached'))
    else if (metered === undefined) this.#send(bytes, done)
    else metered(() => this.#send(bytes, done))
  }

  #send(bytes: Buffer, done: (error?: Error) => void): void {
    const to: Writable = this.#to
    // A client that is gone closes this too.
    if (to.destroyed || this.destroyed) return
    if (to.write(bytes) || this.#behind.mayGoOn(behindMax)) done()
    else to.once('drain', () => done())
  }

  override _final(done: (error?: Error) => void): void {
    const to: Writable = this.#to
    // An answer without a body is metered too, because its head waits for that.
    if (!this.#hasBegun && this.#flowing.meter(Buffer.alloc(0)) === 'stop') {
      done(new Error('a limit was reached'))
      return
    }
    to.end(() => {
      this.#isOut = true
      done()
    })
  }
}
