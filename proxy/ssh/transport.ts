// What ssh2 1.17 leaves undone below its channels, mended in this one place: windows that the peer must keep to, standard
// error that waits beside standard output, channels that are closed before anything ran, the peer's wish to read no more
// (`eow@openssh.com`), back-pressure of the socket, and new keys by volume and by time.
// It reaches into the library, so it checks what it finds: another version fails at the first connection.
import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { ClientChannel, ServerChannel } from 'ssh2'
import { gatherWrites } from './packets/gather.ts'

/** One side's connection below its channels. */
export interface Transport {
  /** True while the peer does not take what it is sent: nothing more should be written. */
  readonly isCongested: boolean
  /** Calls back once when there is room again. */
  onDrain(callback: () => void): void
  /** Writes what the peer was told in this turn, so that it hears of it before it hears more. */
  flush(): void
  /** Answers a question of a session's channel, whatever it has come to since. */
  answer(session: object, isYes: boolean): void
  /** Who answers what the library does not on a session's channel, behind the answers that are to come before. */
  inTurn(session: object, answer: (isYes: boolean) => void): void
  /** Takes a channel whose client is told of it later, by `answer`; undefined where the library has none to give. */
  quietly<T>(accept: () => T): T
  /** Tells the peer that nothing more is read from this channel (OpenSSH PROTOCOL 2.1). */
  endOfWrite(channel: object): void
}

/** What a transport tells. */
export interface TransportEvents {
  /** The peer broke the protocol; the connection is being ended. */
  readonly broken: (why: string) => void
  /** The peer reads no more from this channel. */
  readonly endOfWrite: (channel: object) => void
}

/** When keys are made anew, and how often the peer may ask for it. */
export interface RekeyLimits {
  readonly bytes: number
  readonly ms: number
  /** Key exchanges within `stormMs`; those behind `stormBytes` are not counted. */
  readonly stormMax: number
  readonly stormMs: number
}

/** RFC 4253 9: after a gigabyte or an hour. */
const rekeyLimits: RekeyLimits = { bytes: 1024 ** 3, ms: 3_600_000, stormMax: 100, stormMs: 10_000 }

/** Bytes that may wait in a socket before channels of its peer are read no further. */
const waitingBytesMax = 1024 * 1024
/** Bytes that are worth a key exchange: a careful peer asks for new keys after a megabyte, however quick that has passed. */
const stormBytes = 512 * 1024
/** A window never grows beyond what its field can say (RFC 4254 5.2). */
const windowMax = 2 ** 32 - 1
/** The largest piece of data that a packet may carry: what is offered when a channel is opened. */
const dataBytesMax = 32 * 1024
/**
 * The least that a peer may take in a packet. The library cuts what it sends into packets of that size at once: with none it
 * would never come to an end, and with a byte each turn would be a long one.
 */
const packetBytesMin = 256
/** Why a channel is not opened: SSH_OPEN_ADMINISTRATIVELY_PROHIBITED (RFC 4254 5.1). */
const prohibited = 1
/** Time that a peer has to answer a key exchange. */
const rekeyMs = 60_000
/** Requests on a session's channel that are answered when they are judged. */
const answeredElsewhere: ReadonlySet<string> = new Set([
  'auth-agent-req@openssh.com',
  'env',
  'exec',
  'pty-req',
  'shell',
  'subsystem',
  'x11-req',
])
/** Those that need no judgment; all others are unknown. */
const takenRequests: ReadonlySet<string> = new Set(['signal', 'window-change'])
const endOfWriteRequest = 'eow@openssh.com'

type Handler = (protocol: unknown, ...args: never[]) => void
interface Library {
  readonly _protocol: {
    readonly _handlers: Record<string, Handler | undefined>
    readonly _packetRW: {
      readonly write: { allocStart: number; alloc(size: number): Buffer; finalize(packet: Buffer): Buffer }
    }
    readonly _cipher: { encrypt(packet: Buffer): void }
    readonly _kexinit: unknown
    _queue: Buffer[] | undefined
    channelClose(id: number): void
    channelOpenFail(id: number, reason: number, why: string): void
    channelSuccess(id: number): void
    channelFailure(id: number): void
    disconnect(reason: number): void
    rekey(): void
  }
  readonly _sock: Socket
  readonly _chanMgr: { get(id: number): unknown; remove(id: number): void }
}
interface LibraryChannel {
  readonly incoming: { window: number; readonly id: number }
  readonly outgoing: { window: number; readonly id: number; readonly state: string }
  readonly stderr: { _write(data: Buffer, encoding: null, done: () => void): void }
  _write(data: Buffer, encoding: null, done: () => void): void
  _waitWindow: boolean
  _chunk: Buffer | undefined
  _chunkcb: (() => void) | undefined
  _chunkErr: Buffer | undefined
  _chunkcbErr: (() => void) | undefined
}
interface LibrarySession {
  _ending: boolean
  readonly _channel: object | undefined
  readonly _chanInfo: { readonly outgoing: { readonly id: number } }
}

/** Mends a connection that has said hello. Throws when the library is not the one that this knows. */
export function mendTransport(
  connection: EventEmitter,
  events: TransportEvents,
  limits: RekeyLimits = rekeyLimits,
): Transport {
  const library = libraryOf(connection)
  const { _protocol: protocol, _sock: socket, _chanMgr: channels } = library
  const handlers = protocol._handlers
  const flush = gatherWrites(socket)
  /** How requests on a session's channel are answered that the library does not answer. */
  const inTurn = new WeakMap<object, (isYes: boolean) => void>()
  let isBroken = false
  const broken = (why: string): void => {
    if (isBroken) return
    isBroken = true
    events.broken(why)
    const protocolError = 2
    protocol.disconnect(protocolError)
    socket.destroy()
  }
  const replace = (name: string, make: (original: (...args: unknown[]) => void) => Handler): void => {
    const original = handlers[name]
    if (original === undefined) throw new TypeError(`ssh2 has no ${name}`)
    handlers[name] = make(original as (...args: unknown[]) => void)
  }
  const channelOf = (id: number): LibraryChannel | undefined => {
    const found = channels.get(id)
    const channel = isSession(found) ? found._channel : found
    return isChannel(channel) ? channel : undefined
  }

  for (const name of ['CHANNEL_DATA', 'CHANNEL_EXTENDED_DATA']) {
    if (handlers[name] === undefined) continue
    replace(name, (original) => (_protocol: unknown, id: number, data: Buffer, ...rest: unknown[]) => {
      const channel = channelOf(id)
      if (channel !== undefined && (data.length > channel.incoming.window || data.length > dataBytesMax))
        return broken('more data than the window of its channel')
      original(protocol, id, data, ...rest)
    })
  }
  replace('CHANNEL_WINDOW_ADJUST', () => (_protocol: unknown, id: number, amount: number) => {
    const channel = channelOf(id)
    if (channel === undefined) return
    if (channel.outgoing.window + amount > windowMax) return broken('a window beyond its field')
    channel.outgoing.window += amount
    if (!channel._waitWindow) return
    channel._waitWindow = false
    const { _chunk, _chunkcb, _chunkErr, _chunkcbErr } = channel
    channel._chunk = channel._chunkcb = channel._chunkErr = channel._chunkcbErr = undefined
    if (_chunk !== undefined && _chunkcb !== undefined) channel._write(_chunk, null, _chunkcb)
    if (_chunkErr !== undefined && _chunkcbErr !== undefined) channel.stderr._write(_chunkErr, null, _chunkcbErr)
  })
  replace('CHANNEL_REQUEST', (original) => (_protocol: unknown, id: number, type: string, ...rest: unknown[]) => {
    yieldToPeer()
    if (type !== endOfWriteRequest) {
      original(protocol, id, type, ...rest)
      const [isAsked] = rest
      if (isAsked === true) answerRunning(id, type)
      return
    }
    const channel = channelOf(id)
    if (channel !== undefined) events.endOfWrite(channel)
  })
  for (const name of ['CHANNEL_OPEN', 'GLOBAL_REQUEST'])
    replace(name, (original) => (_protocol: unknown, ...rest: unknown[]) => {
      yieldToPeer()
      const [opening] = rest
      if (name === 'CHANNEL_OPEN' && isOpening(opening) && opening.packetSize < packetBytesMin)
        return protocol.channelOpenFail(opening.sender, prohibited, 'packets of this size are not sent')
      original(protocol, ...rest)
    })
  replace('CHANNEL_OPEN_CONFIRMATION', (original) => (_protocol: unknown, opening: unknown) => {
    if (isOpening(opening) && opening.packetSize < packetBytesMin) return broken('packets that are too small')
    original(protocol, opening)
  })
  replace('CHANNEL_EOF', (original) => (_protocol: unknown, id: number) => {
    original(protocol, id)
    const found = channels.get(id)
    // Input may end long before the command does, and signals still go to it.
    if (isSession(found) && found._channel !== undefined) found._ending = false
  })
  replace('CHANNEL_CLOSE', (original) => (_protocol: unknown, id: number) => {
    const found = channels.get(id)
    answerLater(() => original(protocol, id))
    if (!isSession(found) || found._channel !== undefined) return
    channels.remove(id)
    protocol.channelClose(found._chanInfo.outgoing.id)
  })

  /**
   * Has the peer's end of a channel answered when this turn has told whoever waits for it: nobody waits for the answer.
   * No channel is named anew as long as the library has names that it never gave.
   */
  function answerLater(take: () => void): void {
    const { channelClose } = protocol
    const ended: number[] = []
    protocol.channelClose = (id) => {
      ended.push(id)
    }
    try {
      take()
    } finally {
      protocol.channelClose = channelClose
    }
    if (ended.length === 0) return
    queueMicrotask(() => {
      if (socket.writable) for (const id of ended) protocol.channelClose(id)
    })
  }

  /** On a channel where something runs the library answers nothing, and some clients (PuTTY) wait for each answer. */
  function answerRunning(id: number, type: string): void {
    const found = channels.get(id)
    if (!isSession(found) || found._channel === undefined || answeredElsewhere.has(type)) return
    inTurn.get(found)?.(takenRequests.has(type))
  }

  /** Who takes no answers is asked no more questions. */
  function yieldToPeer(): void {
    if (socket.writableLength <= waitingBytesMax || socket.isPaused()) return
    socket.pause()
    socket.once('drain', () => socket.resume())
  }

  let waiting: (() => void)[] = []
  const isCongested = (): boolean => socket.writableLength > waitingBytesMax || protocol._kexinit !== undefined
  const drained = (): void => {
    if (isCongested()) return
    const callbacks = waiting
    waiting = []
    for (const callback of callbacks) callback()
  }
  socket.on('drain', drained)

  watchRekeys(connection, library, limits, broken, drained)
  return {
    get isCongested() {
      return isCongested()
    },
    onDrain: (callback) => {
      if (socket.destroyed) return
      waiting.push(callback)
    },
    flush,
    answer: (session, isYes) => {
      if (!isSession(session) || socket.destroyed) return
      const { id } = session._chanInfo.outgoing
      if (isYes) protocol.channelSuccess(id)
      else protocol.channelFailure(id)
    },
    inTurn: (session, answer) => void inTurn.set(session, answer),
    quietly: (accept) => {
      const { channelSuccess } = protocol
      protocol.channelSuccess = () => undefined
      try {
        return accept()
      } finally {
        protocol.channelSuccess = channelSuccess
      }
    },
    endOfWrite: (channel) => {
      if (!isChannel(channel) || channel.outgoing.state === 'closed' || socket.destroyed) return
      const { write } = protocol._packetRW
      const start = write.allocStart
      const packet = write.alloc(1 + 4 + 4 + endOfWriteRequest.length + 1)
      const channelRequest = 98
      packet[start] = channelRequest
      packet.writeUInt32BE(channel.outgoing.id, start + 1)
      packet.writeUInt32BE(endOfWriteRequest.length, start + 5)
      packet.write(endOfWriteRequest, start + 9, 'latin1')
      packet[start + 9 + endOfWriteRequest.length] = 0
      const done = write.finalize(packet)
      if (protocol._kexinit === undefined) protocol._cipher.encrypt(done)
      else {
        protocol._queue ??= []
        protocol._queue.push(done)
      }
    },
  }
}

/** The library ends a channel that has ended once more, and a stream makes an error of that, which costs more than a packet. */
export function endOnce(channel: ServerChannel | ClientChannel): void {
  const destroy = (): object => {
    if (!channel.writableEnded) channel.end()
    channel.close()
    return channel
  }
  Object.defineProperty(channel, 'destroy', { value: destroy, configurable: true, writable: true })
}

/** New keys by volume and by time; an end to peers that ask for them without end or never answer. */
function watchRekeys(
  connection: EventEmitter,
  { _protocol: protocol, _sock: socket }: Library,
  limits: RekeyLimits,
  broken: (why: string) => void,
  changed: () => void,
): void {
  let bytes = socket.bytesRead + socket.bytesWritten
  let sinceMs = Date.now()
  let stormSinceMs = 0
  let exchanges = 0
  let answer: NodeJS.Timeout | undefined
  const check = (): void => {
    if (protocol._kexinit !== undefined) return
    const isDue = socket.bytesRead + socket.bytesWritten - bytes >= limits.bytes || Date.now() - sinceMs >= limits.ms
    if (!isDue) return
    protocol.rekey()
    answer = setTimeout(() => broken('a key exchange without an answer'), rekeyMs)
  }
  const timer = setInterval(check, 1000)
  timer.unref()
  connection.on('handshake', () => {
    clearTimeout(answer)
    const passed = socket.bytesRead + socket.bytesWritten - bytes
    bytes += passed
    sinceMs = Date.now()
    if (sinceMs - stormSinceMs > limits.stormMs) {
      stormSinceMs = sinceMs
      exchanges = 0
    }
    if (passed < stormBytes && ++exchanges > limits.stormMax) return broken('key exchanges without end')
    changed()
  })
  socket.once('close', () => {
    clearInterval(timer)
    clearTimeout(answer)
  })
}

function libraryOf(connection: object): Library {
  const protocol = '_protocol' in connection ? connection._protocol : undefined
  const fits =
    typeof protocol === 'object' &&
    protocol !== null &&
    '_handlers' in protocol &&
    '_packetRW' in protocol &&
    '_cipher' in protocol &&
    'rekey' in protocol &&
    ['channelClose', 'channelOpenFail', 'channelSuccess', 'channelFailure'].every((name) => name in protocol) &&
    '_sock' in connection &&
    '_chanMgr' in connection
  if (!fits) throw new TypeError('ssh2 is not the version that this was written for')
  return connection as unknown as Library
}

function isOpening(found: unknown): found is { readonly sender: number; readonly packetSize: number } {
  return typeof found === 'object' && found !== null && 'sender' in found && 'packetSize' in found
}

function isSession(found: unknown): found is LibrarySession {
  return typeof found === 'object' && found !== null && '_chanInfo' in found && '_ending' in found
}

function isChannel(found: unknown): found is LibraryChannel {
  return (
    typeof found === 'object' && found !== null && 'incoming' in found && 'outgoing' in found && '_waitWindow' in found
  )
}
