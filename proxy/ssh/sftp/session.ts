// One SFTP session between a client and a host: every request is read, what names a file is judged at the place where it
// really happens, and only then sent on. Bytes of files that are open and allowed pass without being put together.
//
// Requests are taken in order. One that must be judged, or that changes names, is over before the next is looked at; reads
// and writes of judged files go on without waiting.
import { unreachable } from '../../../rego/unreachable.ts'
import type { GateSession, Refusal, Submission, Terms } from '../../gate/contract.ts'
import { type Egress, egressOf } from '../egress.ts'
import { Calls } from './calls.ts'
import { Frames, headBytes, SftpError } from './frames.ts'
import { flagsOf, type Judged, judge, type SftpVerb, sftpAction } from './judged.ts'
import { maskedCopy, maskedNames, saysAsked } from './masked.ts'
import {
  decodeHandle,
  decodeRequest,
  encodeClose,
  encodeData,
  encodePathRequest,
  encodeRead,
  encodeStatus,
  filterVersion,
  type HandleRequest,
  headOf,
  type PathRequest,
  status,
  types,
  writeHeadBytesMax,
} from './messages.ts'
import { type Places, resolve } from './paths.ts'

/** What a session is made of. */
export interface SftpParts {
  readonly session: GateSession
  readonly hashKey: Uint8Array
  readonly toClient: (bytes: Buffer) => void
  readonly toHost: (bytes: Buffer) => void
  /** Stops reading from the client until the answer is called. */
  readonly holdClient: () => () => void
  /** Counts bytes of files that are on their way to the client; false when there were too many. */
  readonly mayRead: (bytes: number, terms: Terms | undefined) => boolean
  /** Words for the client's standard error. */
  readonly tell: (text: string) => void
  /** Ends the channel: the peer is not understood, or the time is up. */
  readonly end: (refusal: Refusal | undefined) => void
  readonly onError: (error: unknown) => void
}

/** Bytes of requests that wait before the client is read no further. */
const queueBytesMax = 1024 * 1024
/** What a request that waits costs beside its bytes. */
const requestBytes = 256
const handlesMax = 256

/** Refusals that are written out: who does not read them must not be stopped by them. */
const toldMax = 20

interface OpenFile {
  readonly places: Places
  readonly flags: readonly string[]
  /** What opening it was allowed under. */
  readonly opened: Terms
  /** What reading and writing it was allowed under, once that was judged. */
  readonly judged: Map<'read' | 'write', { readonly submission: Submission | undefined; readonly terms: Terms }>
  /** What a client may see of it, where that is not what the host has. */
  masked: Buffer | undefined
  /** How names in it are shown, where they are masked. */
  readonly names: (() => Egress) | undefined
}

type ReadRequest = Extract<HandleRequest, { readonly kind: 'read' }>
type CopyRequest = Extract<HandleRequest, { readonly kind: 'copy-data' }>

/** Follows one session. */
export class SftpSession {
  readonly #parts: SftpParts
  readonly #up: Frames
  readonly #down: Frames
  readonly #calls: Calls
  readonly #files = new Map<string, OpenFile>()
  readonly #running = new Set<Submission>()
  #queue: Buffer[] = []
  #queueBytes = 0
  #release: (() => void) | undefined
  #isStarted = false
  /** A request is being judged or awaited. */
  #isBusy = false
  #isOver = false
  /** Answers of the gateway that wait until a packet of the host has passed. */
  #later: Buffer[] = []
  #told = 0

  constructor(parts: SftpParts) {
    this.#parts = parts
    this.#calls = new Calls((packet) => parts.toHost(packet))
    this.#up = new Frames(
      {
        begin: (head) => (this.#mayPass(head) ? 'pass' : 'collect'),
        packet: (packet) => this.#enqueue(packet),
        pass: parts.toHost,
      },
      writeHeadBytesMax,
    )
    this.#down = new Frames(
      { begin: (head) => this.#beginAnswer(head), packet: (packet) => this.#answer(packet), pass: parts.toClient },
      headBytes,
    )
  }

  /** Takes bytes of the client. */
  fromClient(bytes: Buffer): void {
    this.#guard(() => this.#up.push(bytes))
  }

  /** Takes bytes of the host. */
  fromHost(bytes: Buffer): void {
    this.#guard(() => {
      this.#down.push(bytes)
      if (this.#down.isWhole) for (const packet of this.#later.splice(0)) this.#parts.toClient(packet)
      this.#next()
    })
  }

  /** Either side is gone. */
  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const submission of [...this.#running]) {
      submission.cancel('client_gone')
      submission.finish()
    }
    this.#running.clear()
    this.#queue = []
    this.#calls.clear()
    this.#files.clear()
  }

  #guard(run: () => void): void {
    if (this.#isOver) return
    try {
      run()
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    if (this.#isOver) return
    this.#parts.onError(error)
    this.close()
    this.#parts.end(undefined)
  }

  /** True for a write to a file that may be written, when nothing is before it. */
  #mayPass(head: Buffer): boolean {
    const { type, id } = headOf(head)
    if (type !== types.write || this.#isBusy || this.#queue.length > 0 || this.#calls.isFull) return false
    const request = decodeRequest(head)
    if (request.kind !== 'write' || !this.#files.get(request.handle)?.judged.has('write')) return false
    this.#calls.note(id, { is: 'passed' })
    return true
  }

  #enqueue(packet: Buffer): void {
    this.#queue.push(packet)
    this.#queueBytes += packet.length + requestBytes
    if (this.#queueBytes > queueBytesMax) this.#release ??= this.#parts.holdClient()
    this.#next()
  }

  #next(): void {
    while (!this.#isBusy && !this.#isOver && !this.#calls.isFull) {
      const packet = this.#queue.shift()
      if (packet === undefined) break
      this.#queueBytes -= packet.length + requestBytes
      this.#take(packet)
    }
    if (this.#queueBytes <= queueBytesMax / 2) {
      this.#release?.()
      this.#release = undefined
    }
  }

  #take(packet: Buffer): void {
    const { type, id } = headOf(packet)
    if (!this.#isStarted) {
      if (type !== types.init) throw new SftpError('a first packet that is not `init`')
      this.#start(packet)
      return
    }
    const request = decodeRequest(packet)
    if ('path' in request) this.#alone(this.#pathRequest(id, request))
    else if ('handle' in request) {
      const file = this.#files.get(request.handle)
      if (file === undefined) this.#toClient(encodeStatus(id, status.failure, 'sallyport: no such handle'))
      else this.#handleRequest(id, request, file, packet)
    } else if (request.kind === 'limits') this.#pass(id, packet)
    else this.#toClient(encodeStatus(id, status.unsupported, 'sallyport: this request is not followed'))
  }

  /** Nothing else is taken until this is over. */
  #alone(work: Promise<void>): void {
    this.#isBusy = true
    work
      .then(() => {
        this.#isBusy = false
        this.#guard(() => this.#next())
      })
      .catch((error: unknown) => this.#fail(error))
  }

  /** Version 3 is spoken, whatever else the client would. */
  #start(packet: Buffer): void {
    this.#isStarted = true
    const { id: version } = headOf(packet)
    if (version < 3) throw new SftpError('a version that is not spoken here')
    const hello = Buffer.from([0, 0, 0, 5, types.init, 0, 0, 0, 3])
    const answered = async (): Promise<void> => {
      const answer = await this.#calls.ask(3, hello)
      if (headOf(answer).type !== types.version) throw new SftpError('a host that does not say its version')
      this.#toClient(filterVersion(answer))
    }
    this.#alone(answered())
  }

  async #pathRequest(id: number, asked: PathRequest): Promise<void> {
    const resolved = await resolve(asked, (path) => this.#calls.realpath(path))
    if (!resolved.ok) return this.#toClient(encodeStatus(id, status.permissionDenied, `sallyport: ${resolved.why}`))
    const { places, request, failure } = resolved
    const flags = flagsOf(request)
    const judged = await this.#judge(request.kind, places, flags)
    if (!judged.ok) return this.#refuse(id, judged.refusal)
    const finish = (): void => this.#finish(judged.submission())
    if (failure !== undefined) {
      // The host has already said that there is nothing: that is the answer.
      finish()
      return this.#toClient(withId(failure, id))
    }
    const plan = egressOf(this.#parts.session, judged.terms, this.#parts.hashKey)
    if (!plan.ok) {
      finish()
      return this.#refuse(id, plan.refusal)
    }
    const answer = await this.#calls.ask(id, encodePathRequest(id, request))
    finish()
    if ((request.kind !== 'open' && request.kind !== 'opendir') || headOf(answer).type !== types.handle) {
      const isShown = !plan.masks || (request.kind === 'realpath' && saysAsked(places))
      return this.#toClient(isShown ? answer : maskedNames(answer, plan.open))
    }
    const handle = decodeHandle(answer)
    const again = await this.#calls.realpath(request.path)
    const isSame = 'real' in again && again.real.equals(request.path)
    if (!isSame || this.#files.size >= handlesMax || this.#files.has(handle)) {
      await this.#calls.askOwn((own) => encodeClose(own, handle))
      const why = isSame ? 'too many files are open' : 'the path changed while it was opened'
      return this.#toClient(encodeStatus(id, status.permissionDenied, `sallyport: ${why}`))
    }
    this.#files.set(handle, {
      places,
      flags,
      opened: judged.terms,
      judged: new Map(),
      masked: undefined,
      names: plan.masks ? plan.open : undefined,
    })
    this.#toClient(answer)
  }

  #handleRequest(id: number, request: HandleRequest, file: OpenFile, packet: Buffer): void {
    switch (request.kind) {
      case 'close':
        this.#files.delete(request.handle)
        for (const { submission } of file.judged.values()) this.#finish(submission)
        this.#pass(id, packet)
        break
      case 'readdir': {
        const { names } = file
        if (names === undefined) this.#pass(id, packet)
        else this.#alone(this.#calls.ask(id, packet).then((answer) => this.#toClient(maskedNames(answer, names))))
        break
      }
      case 'fstat':
      case 'fsync':
      case 'fstatvfs':
        this.#pass(id, packet)
        break
      case 'write':
      case 'read': {
        const go = (): void =>
          request.kind === 'read' ? this.#read(id, request, file, packet) : this.#pass(id, packet)
        if (file.judged.has(request.kind)) go()
        else this.#alone(this.#firstUse(id, request.handle, file, request.kind, go))
        break
      }
      case 'fsetstat':
        this.#alone(this.#change(id, file, request.attributes.words, packet))
        break
      case 'copy-data':
        this.#alone(this.#copy(id, request, file, packet))
        break
      default:
        unreachable(request)
    }
  }

  #read(id: number, { offset, length }: ReadRequest, { masked, judged }: OpenFile, packet: Buffer): void {
    const terms = judged.get('read')?.terms
    if (masked === undefined) {
      this.#calls.note(id, { is: 'read', terms })
      this.#parts.toHost(packet)
      return
    }
    const start = offset < BigInt(masked.length) ? Number(offset) : masked.length
    const bytes = masked.subarray(start, start + Math.min(length, readBytesMax))
    if (bytes.length === 0) this.#toClient(encodeStatus(id, status.endOfFile, 'end of file'))
    else if (this.#parts.mayRead(bytes.length, terms)) this.#toClient(encodeData(id, bytes))
  }

  /** Reading and writing a file is judged when it is first done; what is masked is read whole then. */
  async #firstUse(id: number, handle: string, file: OpenFile, verb: 'read' | 'write', go: () => void): Promise<void> {
    const judged = await this.#judge(verb, file.places, file.flags)
    if (!judged.ok) return this.#refuse(id, judged.refusal)
    const submission = judged.submission()
    const { session, hashKey } = this.#parts
    const terms = { ...judged.terms, masks: [...file.opened.masks, ...judged.terms.masks] }
    const plan = egressOf(session, terms, hashKey)
    if (!plan.ok) {
      this.#finish(submission)
      return this.#refuse(id, plan.refusal)
    }
    if (plan.masks && verb === 'read') {
      const copy = await maskedCopy(plan.open(), (offset, length) =>
        this.#calls.askOwn((own) => encodeRead(own, handle, offset, length)),
      )
      if (copy === undefined || file.flags.includes('write')) {
        this.#finish(submission)
        const message = 'a file that is masked can be read where it is not too large and not open for writing'
        return this.#refuse(id, { ...maskRefusal, decisionId: terms.decisionId, message })
      }
      file.masked = copy
    }
    file.judged.set(verb, { submission, terms: judged.terms })
    go()
  }

  async #change(id: number, file: OpenFile, flags: readonly string[], packet: Buffer): Promise<void> {
    const judged = await this.#judge('fsetstat', file.places, flags)
    if (!judged.ok) return this.#refuse(id, judged.refusal)
    const { terms } = judged
    const plan = egressOf(this.#parts.session, terms, this.#parts.hashKey)
    if (plan.ok) this.#toClient(await this.#calls.ask(id, packet))
    else this.#refuse(id, plan.refusal)
    this.#finish(judged.submission())
  }

  /** Bytes that stay at the host are read and written all the same. */
  async #copy(id: number, request: CopyRequest, from: OpenFile, packet: Buffer): Promise<void> {
    const to = this.#files.get(request.to)
    if (to === undefined) return this.#toClient(encodeStatus(id, status.failure, 'sallyport: no such handle'))
    for (const [one, file, verb] of [
      [request.handle, from, 'read'],
      [request.to, to, 'write'],
    ] as const) {
      if (file.judged.has(verb)) continue
      let isAllowed = false
      await this.#firstUse(id, one, file, verb, () => {
        isAllowed = true
      })
      if (!isAllowed) return
    }
    if (from.masked !== undefined)
      return this.#toClient(encodeStatus(id, status.permissionDenied, 'sallyport: a file that is masked is not copied'))
    this.#toClient(await this.#calls.ask(id, packet))
  }

  #judge(verb: SftpVerb, places: Places, flags: readonly string[]): Promise<Judged> {
    return judge(this.#parts.session, sftpAction(verb, places, flags), this.#running, {
      tell: this.#parts.tell,
      stop: (refusal) => {
        if (this.#isOver) return
        this.close()
        this.#parts.end(refusal)
      },
    })
  }

  #finish(submission: Submission | undefined): void {
    if (submission === undefined) return
    this.#running.delete(submission)
    submission.finish()
  }

  #refuse(id: number, { message, rule, decisionId }: Refusal): void {
    const words = `sallyport: ${message} (rule ${rule}, decision ${decisionId})`
    this.#toClient(encodeStatus(id, status.permissionDenied, words))
    // Many clients say no more than "permission denied"; standard error is where people look, for the first few.
    if (this.#told++ < toldMax) this.#parts.tell(`${words}\n`)
  }

  /** Sends a request whose answer goes straight to the client. */
  #pass(id: number, packet: Buffer): void {
    this.#calls.note(id, { is: 'passed' })
    this.#parts.toHost(packet)
  }

  #beginAnswer(head: Buffer): 'pass' | 'collect' {
    const { type, id } = headOf(head)
    const waiting = this.#calls.waiting(id)
    if (waiting.is === 'awaited') return 'collect'
    this.#calls.done(id)
    if (type !== types.data) return 'pass'
    if (waiting.is !== 'read') throw new SftpError('bytes that nobody asked for')
    if (!this.#parts.mayRead(head.readUInt32BE(0) - headBytes, waiting.terms)) throw new SftpError('too many bytes')
    return 'pass'
  }

  #answer(packet: Buffer): void {
    const { id } = headOf(packet)
    const waiting = this.#calls.waiting(id)
    if (waiting.is !== 'awaited') throw new SftpError('an answer that nobody asked for')
    this.#calls.done(id)
    // Bytes of a chunk are the host connection's to use again.
    waiting.answer(Buffer.from(packet))
  }

  #toClient(packet: Buffer): void {
    if (this.#isOver) return
    if (this.#down.isWhole) this.#parts.toClient(packet)
    else this.#later.push(packet)
  }
}

/** Bytes of a masked file that one answer carries. */
const readBytesMax = 64 * 1024

const maskRefusal = { code: 'denied', rule: 'sallyport.masking', hint: '' } as const

function withId(packet: Buffer, id: number): Buffer {
  const copy = Buffer.from(packet)
  copy.writeUInt32BE(id, 5)
  return copy
}
