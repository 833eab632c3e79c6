// A connection of HTTP/1.1 to an API server, for one request after another. Most answers are short and come at once, so an
// answer is handed over whole, with its head, where that can be; a stream is made for what is longer, slower or followed.
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { BodyDecoder, decodeResponseHead, HeadReader, type ResponseHead, WireError } from '../http1/index.ts'
import { StaleSocket, type UpstreamAnswer, UpstreamError } from './upstream-answer.ts'

/** Bytes of an answer that are gathered before it is handed over as a stream. */
const gatheredMax: number = 128 * 1024
/**
 * How long the beginning of an answer waits for its end. An API server writes 4 KiB at a time, and its first piece wakes the
 * gateway, often in place of itself: without a wait many answers would go on in two writes, and wake their client twice.
 */
const beginningMs = 1
/** Interim answers (1xx) before the final one. */
const interimMax = 8
/** Bytes of a request that are put together with its head; more are written behind it. */
const joinedMax: number = 16 * 1024
/** Rest after which a connection is not used again: an API server closes one that rests for 90 seconds. */
const restMs = 60_000

/** A request as it is written. */
export interface WrittenRequest {
  readonly method: string
  readonly target: string
  /** The lines of its fields. */
  readonly lines: string
  readonly body: Uint8Array
  /** The answer goes on for as long as somebody reads it: its head is handed over as soon as it is there. */
  readonly isFollowed: boolean
}

/** Whoever asked; told one of both, once. */
export interface Asked {
  answered(answer: UpstreamAnswer): void
  failed(error: UpstreamError): void
}

/** One connection. */
export class UpstreamConnection {
  readonly #socket: Socket
  /** Told when another request can begin, and when none can any more. */
  readonly #rests: (connection: UpstreamConnection) => void
  readonly #reader = new HeadReader()
  #decoder: BodyDecoder | undefined
  #head: ResponseHead | undefined
  #method = ''
  #asked: Asked | undefined
  #isFollowed = false
  #pieces: Uint8Array[] = []
  #bytes = 0
  #beginning: NodeJS.Timeout | undefined
  #isDue = false
  #stream: AnswerStream | undefined
  /** A request was written, and its answer is not over. */
  #runs = false
  #interim = 0
  #closes = false
  #isOver = false
  #hasServed = false
  #hasAnswer = false
  #restMs = restMs
  #restsUntilMs = Number.POSITIVE_INFINITY

  /** `socket` is connected. */
  constructor(socket: Socket, rests: (connection: UpstreamConnection) => void) {
    this.#socket = socket
    this.#rests = rests
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('end', () => this.#ended())
    socket.on('error', () => undefined)
    socket.on('close', () => this.#closed())
  }

  /** Whether another request can begin on it. */
  get isFree(): boolean {
    return !this.#runs && !this.#isOver && !this.#closes && performance.now() < this.#restsUntilMs
  }

  /** Sends a request, in one write where it is short. */
  ask({ method, target, lines, body, isFollowed }: WrittenRequest, asked: Asked): void {
    this.#runs = true
    this.#asked = asked
    this.#method = method
    this.#isFollowed = isFollowed
    this.#interim = 0
    this.#hasAnswer = false
    const head = `${method} ${target} HTTP/1.1\r\n${lines}\r\n`
    if (body.length === 0) this.#socket.write(head, 'latin1')
    else if (body.length <= joinedMax) this.#socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]))
    else {
      this.#socket.cork()
      this.#socket.write(head, 'latin1')
      this.#socket.write(body)
      this.#socket.uncork()
    }
  }

  /** Ends it, whatever runs on it. */
  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    try {
      this.#read(bytes)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.#fail(new UpstreamError('the cluster does not speak HTTP as it is read here', { cause: error }))
      this.close()
    }
  }

  #read(bytes: Buffer): void {
    let rest = bytes
    while (rest.length > 0) {
      // Bytes that nobody asked for would be taken for the answer to the next request.
      if (!this.#runs) throw new WireError('unexpected_bytes', 'bytes outside of an exchange')
      this.#hasAnswer = true
      if (this.#decoder === undefined) {
        const found = this.#reader.push(rest)
        if (found === undefined) return
        rest = found.rest
        this.#begin(decodeResponseHead(found.text, this.#method))
      } else {
        const piece = this.#decoder.push(rest)
        for (const content of piece.content) this.#content(content)
        rest = rest.subarray(piece.used)
      }
      if (this.#decoder?.done === true) this.#finish(rest.length)
    }
    if (this.#head !== undefined && this.#stream === undefined) this.#goOn()
  }

  #begin(head: ResponseHead): void {
    if (head.status < 200) {
      // No request of this connection asks for another protocol.
      if (head.status === 101 || ++this.#interim > interimMax)
        throw new WireError('unexpected_bytes', 'an interim answer that was not asked for')
      return
    }
    this.#closes ||= head.closes
    this.#restMs = restOf(head)
    this.#head = head
    this.#decoder = new BodyDecoder(head.framing, false)
    if (this.#isFollowed && !this.#decoder.done) this.#handStream()
  }

  #content(bytes: Uint8Array): void {
    if (this.#stream !== undefined) {
      if (!this.#stream.push(bytes)) this.#socket.pause()
      return
    }
    this.#pieces.push(bytes)
    this.#bytes += bytes.length
  }

  /** The answer has begun and is not over. */
  #goOn(): void {
    if (this.#bytes >= gatheredMax) this.#handStream()
    else if (!this.#isDue && this.#beginning === undefined) {
      this.#isDue = true
      setImmediate(due, this)
    }
  }

  /** What was read at once is read: mostly that was all of it, and without a timer. */
  due(): void {
    this.#isDue = false
    if (this.#head !== undefined && this.#stream === undefined) this.#beginning ??= setTimeout(late, beginningMs, this)
  }

  /** The time in which the end may come is over. */
  late(): void {
    this.#beginning = undefined
    if (this.#head !== undefined && this.#stream === undefined) this.#handStream()
  }

  #handStream(): void {
    const head = this.#head
    if (head === undefined) return
    this.#endBeginning()
    const stream = new AnswerStream(this.#socket, () => this.#givenUp(stream))
    this.#stream = stream
    for (const piece of this.#pieces.splice(0)) if (!stream.push(piece)) this.#socket.pause()
    this.#bytes = 0
    this.#hand(this.#taken(), head, stream)
  }

  /** Who asked for the answer that is handed over now. From here on somebody else may ask. */
  #taken(): Asked | undefined {
    const asked = this.#asked
    this.#asked = undefined
    return asked
  }

  #hand(asked: Asked | undefined, { status, fields }: ResponseHead, body: Buffer | Readable): void {
    const giveUp = (): void => void (body instanceof Readable && body.destroy())
    asked?.answered({ statusCode: status, fields, body, giveUp })
  }

  /** The answer is over. With bytes behind it nothing may begin here: they would be taken for the next answer. */
  #finish(bytesBehind: number): void {
    const head = this.#head
    const stream = this.#stream
    const body = stream === undefined ? joined(this.#pieces, this.#bytes) : undefined
    const asked = this.#taken()
    this.#closes ||= bytesBehind > 0
    this.#rest()
    if (this.#closes) this.close()
    else this.#restsUntilMs = performance.now() + this.#restMs
    this.#rests(this)
    // A client that is slow with the last of it keeps nobody else from the connection.
    if (stream !== undefined) {
      this.#socket.resume()
      stream.whole()
    } else if (head !== undefined && body !== undefined) this.#hand(asked, head, body)
  }

  /** Nothing runs any more. */
  #rest(): void {
    this.#endBeginning()
    this.#runs = false
    this.#hasServed = true
    this.#head = undefined
    this.#decoder = undefined
    this.#stream = undefined
    this.#pieces = []
    this.#bytes = 0
    this.#reader.reset()
  }

  #endBeginning(): void {
    if (this.#beginning !== undefined) clearTimeout(this.#beginning)
    this.#beginning = undefined
  }

  /** Its reader wants no more of the answer, and what is still to come of it is in the way. */
  #givenUp(stream: AnswerStream): void {
    if (this.#stream === stream) this.close()
  }

  #ended(): void {
    const decoder = this.#decoder
    this.#closes = true
    if (decoder !== undefined) {
      try {
        decoder.end()
        this.#finish(0)
      } catch {
        // It is told as what it is: broken off.
      }
    }
    this.close()
  }

  #closed(): void {
    this.#isOver = true
    const isStale = this.#hasServed && !this.#hasAnswer
    this.#fail(
      isStale
        ? new StaleSocket('the cluster closed the connection')
        : new UpstreamError('the cluster cannot be reached'),
    )
    this.#rests(this)
  }

  #fail(error: UpstreamError): void {
    if (!this.#runs) return
    // What has begun is told as broken off, with the head that came.
    if (this.#head !== undefined && this.#stream === undefined) this.#handStream()
    const asked = this.#taken()
    const stream = this.#stream
    this.#rest()
    asked?.failed(error)
    // Whoever was just given it does not listen yet.
    if (stream !== undefined) setImmediate(() => stream.destroy(error))
  }
}

function due(connection: UpstreamConnection): void {
  connection.due()
}

function late(connection: UpstreamConnection): void {
  connection.late()
}

/** How long a connection may rest: what stands before the cluster may say so (`Keep-Alive: timeout=5`), less a second. */
function restOf({ fields }: ResponseHead): number {
  for (const [name, value] of fields) {
    if (name !== 'keep-alive') continue
    const seconds = Number.parseInt(value.split('timeout=')[1] ?? '', 10)
    if (seconds >= 0) return Math.min((seconds - 1) * 1000, restMs)
  }
  return restMs
}

function joined(pieces: readonly Uint8Array[], bytes: number): Buffer {
  const [first] = pieces
  if (first === undefined || pieces.length > 1) return Buffer.concat(pieces, bytes)
  return Buffer.from(first.buffer, first.byteOffset, first.byteLength)
}

/** The body of an answer that is not handed over whole. */
class AnswerStream extends Readable {
  readonly #socket: Socket
  readonly #givenUp: () => void
  #isWhole = false

  constructor(socket: Socket, givenUp: () => void) {
    super({ highWaterMark: gatheredMax })
    this.#socket = socket
    this.#givenUp = givenUp
    // Whoever reads it hears of its end by its close.
    this.on('error', () => undefined)
  }

  /** The cluster has said all of it. */
  whole(): void {
    this.#isWhole = true
    this.push(null)
  }

  override _read(): void {
    if (!this.#isWhole && this.#socket.isPaused()) this.#socket.resume()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#isWhole) this.#givenUp()
    done(error)
  }
}
