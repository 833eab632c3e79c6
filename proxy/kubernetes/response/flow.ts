// How the bytes of an answer flow to the client. What comes in one turn goes on together: a TLS record is small, and each
// piece costs as much on its way as the bytes of ten.
import { finished, pipeline, type Readable, type Transform, Writable } from 'node:stream'
import type { FrontResponse } from '../front.ts'

/** What one piece counts: nothing more, an end to all of it, or a wait for the recorder. */
export type Metered = 'stop' | undefined | ((go: () => void) => void)

/** Bytes that are gathered at most before they go on. */
const gatheredMax: number = 128 * 1024
/** Bytes that wait for the client before the cluster is not read any more. */
const behindMax: number = 256 * 1024

/**
 * Lets an answer flow through what masks it, where there is any, to the client. `done` is told once: without an error
 * when all of it is out, and nothing of it may look whole otherwise.
 */
export function flow(
  from: Readable,
  through: Transform | undefined,
  to: FrontResponse,
  meter: (bytes: Buffer) => Metered,
  done: (error: NodeJS.ErrnoException | null | undefined) => void,
): void {
  const sink = new Sink(to, meter)
  if (through === undefined) finished(sink, { readable: false }, done)
  else pipeline(through, sink, done)
  gather(from, through ?? sink)
}

/**
 * Lets an answer flow that goes as it is. One that is there at once, whole, is written at once with its head; of any other
 * the head goes out with the first piece.
 */
export function flowThrough(
  from: Readable,
  to: FrontResponse,
  meter: (bytes: Buffer) => Metered,
  done: (error: NodeJS.ErrnoException | null | undefined) => void,
): void {
  let pieces: Buffer[] = []
  let bytes = 0
  let waits: NodeJS.Immediate | undefined
  const take = (piece: Buffer): void => {
    pieces.push(piece)
    bytes += piece.length
    if (bytes >= gatheredMax) long()
    else waits ??= setImmediate(long)
  }
  const leave = (): Buffer => {
    clearImmediate(waits)
    from.off('data', take)
    from.off('end', whole)
    from.off('close', broken)
    const [first] = pieces
    const all = pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces, bytes)
    pieces = []
    return all
  }
  const long = (): void => {
    from.pause()
    from.unshift(leave())
    flow(from, undefined, to, meter, done)
    from.resume()
  }
  const whole = (): void => {
    const all = leave()
    const send = (): void => void to.end(all, () => done(undefined))
    const metered = meter(all)
    if (metered === 'stop') done(new Error('a limit was reached'))
    else if (metered === undefined) send()
    else metered(send)
  }
  const broken = (): void => {
    leave()
    done(Object.assign(new Error('the answer broke off'), { code: 'ERR_STREAM_PREMATURE_CLOSE' }))
  }
  from.on('data', take)
  from.once('end', whole)
  from.once('close', broken)
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
  readonly #meter: (bytes: Buffer) => Metered
  /** All of it is out. */
  #isOut = false
  #hasBegun = false

  constructor(to: FrontResponse, meter: (bytes: Buffer) => Metered) {
    super({ highWaterMark: behindMax })
    this.#to = to
    this.#meter = meter
    to.once('close', () => {
      if (!this.#isOut) this.destroy()
    })
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#hasBegun = true
    const metered = this.#meter(bytes)
    if (metered === 'stop') done(new Error('a limit was reached'))
    else if (metered === undefined) this.#send(bytes, done)
    else metered(() => this.#send(bytes, done))
  }

  #send(bytes: Buffer, done: (error?: Error) => void): void {
    const to: Writable = this.#to
    // A client that is gone closes this too.
    if (to.destroyed || this.destroyed) return
    if (to.write(bytes) || to.writableLength < behindMax) done()
    else to.once('drain', () => done())
  }

  override _final(done: (error?: Error) => void): void {
    const to: Writable = this.#to
    // An answer without a body is metered too, because its head waits for that.
    if (!this.#hasBegun && this.#meter(Buffer.alloc(0)) === 'stop') {
      done(new Error('a limit was reached'))
      return
    }
    to.end(() => {
      this.#isOut = true
      done()
    })
  }
}
