// A channel of a host that is open before it is known what will be asked for on it: the client's own channel is still on
// its way to the gateway then, so that the host's answer is waited for once and not twice.
// It reaches into the library, so it checks what it finds: another version fails at the first connection.
import type { Client, ClientChannel } from 'ssh2'

type Opened = ((error: Error | undefined, channel?: ClientChannel) => void) & { type?: string }
interface Library {
  readonly _sock: { readonly writable: boolean }
  readonly _protocol: { session(id: number, window: number, packetBytes: number): void }
  readonly _chanMgr: {
    add(opened: Opened): number
    get(id: number): unknown
    update(id: number, opened: Opened): void
    remove(id: number): void
  }
}

/** A channel that is there or on its way, and who waits for it. */
interface Ahead {
  answer: readonly [Error | undefined, ClientChannel | undefined] | undefined
  taken: Opened | undefined
}

/** What this side takes before it says that it takes more, as ssh2 has it for every channel. */
const windowBytes = 2 * 1024 * 1024
const packetBytes = 32 * 1024

/** The channels of a host that commands, shells and subsystems run on. */
export interface SessionChannels {
  /** Opens one ahead, unless there is one. The next command, shell or subsystem has it. */
  ahead(): void
  /** What is done with the channel of the next command, shell or subsystem before that is asked for. */
  before(setUp: ((channel: ClientChannel) => void) | undefined): void
}

/** Follows the channels of a connection that is up. */
export function sessionChannels(client: Client): SessionChannels {
  const library: unknown = client
  if (!isLibrary(library)) throw new TypeError('ssh2 is not the version that this was written for')
  const { _protocol: protocol, _chanMgr: channels, _sock: socket } = library
  const open = protocol.session.bind(protocol)
  let ahead: Ahead | undefined
  let setUp: ((channel: ClientChannel) => void) | undefined
  const preparing = (asked: Opened): Opened => {
    if (setUp === undefined) return asked
    const prepare = setUp
    setUp = undefined
    const prepared: Opened = (error, channel) => {
      if (channel !== undefined) prepare(channel)
      asked(error, channel)
    }
    return Object.assign(prepared, { type: 'session' })
  }
  protocol.session = (id, window, bytes) => {
    const given = channels.get(id)
    if (!isOpened(given)) throw new TypeError('ssh2 is not the version that this was written for')
    const asked = preparing(given)
    if (ahead === undefined) {
      channels.update(id, asked)
      return open(id, window, bytes)
    }
    channels.remove(id)
    const { answer } = ahead
    if (answer === undefined) ahead.taken = asked
    ahead = undefined
    // At once: what it throws over a connection that has just ended is the caller's to hear.
    if (answer !== undefined) asked(...answer)
  }
  const openAhead = (): void => {
    if (ahead !== undefined || !socket.writable) return
    const one: Ahead = { answer: undefined, taken: undefined }
    const opened: Opened = (error, channel) => {
      one.answer = [error, channel]
      // A host that refused or closed it is asked again by whoever comes.
      const forget = (): void => {
        if (ahead === one) ahead = undefined
      }
      if (error !== undefined && error !== null) forget()
      else channel?.once('close', forget)
      one.taken?.(error, channel)
    }
    opened.type = 'session'
    const id = channels.add(opened)
    if (id < 0) return
    ahead = one
    open(id, windowBytes, packetBytes)
  }
  return {
    ahead: openAhead,
    before: (next) => {
      setUp = next
    },
  }
}

function isOpened(value: unknown): value is Opened {
  return typeof value === 'function'
}

function isLibrary(value: unknown): value is Library {
  if (typeof value !== 'object' || value === null) return false
  const [protocol, channels]: unknown[] = [Reflect.get(value, '_protocol'), Reflect.get(value, '_chanMgr')]
  return (
    typeof Reflect.get(Object(Reflect.get(value, '_sock')), 'writable') === 'boolean' &&
    typeof Reflect.get(Object(protocol), 'session') === 'function' &&
    ['add', 'get', 'update', 'remove'].every((name) => typeof Reflect.get(Object(channels), name) === 'function')
  )
}
