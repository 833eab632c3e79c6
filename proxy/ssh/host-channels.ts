// Channels that a host opens by itself, to the agent or the display that it was given, and how it is given them.
// It reaches into the library, which knows agents only as files of its own machine, so it checks what it finds: another
// version fails at the first connection.
import type { EventEmitter } from 'node:events'
import type { Client, ClientChannel, Connection, ServerChannel } from 'ssh2'
import { originOf } from './place.ts'
import type { Setting } from './setting.ts'
import type { HostChannel } from './upstream.ts'

/** A channel that the host wants to open: exactly one of `take` and `refuse` is called. */
export interface Opening<Channel> {
  readonly kind: 'agent' | 'x11'
  /** The program of the host that opens a display, as the host has it. */
  readonly from: { readonly host: string; readonly port: number }
  readonly take: () => Channel
  readonly refuse: () => void
}

/** One for the client's side of it. */
export type OpenedByHost = Opening<HostChannel>

type Opened = ((error: Error | undefined, channel?: ServerChannel) => void) & { type?: string }
type OpenHandler = (protocol: unknown, info: { readonly type: string; readonly data: unknown }) => void
interface Library {
  /** The library refuses displays while this is 0. */
  _acceptX11: number
  readonly _protocol: {
    readonly _handlers: { CHANNEL_OPEN?: OpenHandler }
    env(channel: number, name: string, value: string, wantReply: boolean): void
    openssh_agentForward(channel: number, wantReply: boolean): void
    x11Forward(channel: number, display: object, wantReply: boolean): void
    openssh_authAgent(channel: number, windowBytes: number, packetBytes: number): void
  }
  readonly _chanMgr: { add(opened: Opened): number }
}

const agentChannel = 'auth-agent@openssh.com'
/** By this address the library's event of a display is known to be one of an agent: no host can be called so. */
const agentMark: object = { srcIP: agentChannel, srcPort: 0 }
const windowBytes = 2 * 1024 * 1024
const packetBytes = 32 * 1024

/** Tells of channels that the host opens; the answer says that there is an agent or a display now. */
export function hostChannels(
  client: Client,
  opened: (one: Opening<ClientChannel>) => void,
): (setting: Setting) => void {
  const library = libraryOf(client)
  const handlers = library._protocol._handlers
  const original = handlers.CHANNEL_OPEN
  if (original === undefined) throw new TypeError('ssh2 is not the version that this was written for')
  const has = { agent: false, x11: false }
  handlers.CHANNEL_OPEN = (protocol, info) =>
    // The library's own agents are asked without anybody's word: theirs is made one of its other channels.
    original(protocol, info.type === agentChannel ? { ...info, type: 'x11', data: agentMark } : info)
  client.on('x11', (info, accept, reject) => {
    const kind = info === agentMark ? 'agent' : 'x11'
    if (!has[kind]) return reject()
    const from = kind === 'agent' ? { host: '', port: 0 } : originOf({ host: info.srcIP, port: info.srcPort })
    opened({ kind, from, take: () => accept(), refuse: () => reject() })
  })
  return ({ agent, display }) => {
    has.agent ||= agent
    has.x11 ||= display !== undefined
    library._acceptX11 = 1
  }
}

/** Tells the host what was allowed on a channel, before anything is asked to run there. Nobody waits for its answers. */
export function setUpChannel(client: Client, channel: ClientChannel, { environment, agent, display }: Setting): void {
  const { _protocol: protocol } = libraryOf(client)
  const id: unknown = Reflect.get(Object(Reflect.get(channel, 'outgoing')), 'id')
  if (typeof id !== 'number') throw new TypeError('ssh2 is not the version that this was written for')
  for (const [name, value] of environment) protocol.env(id, name, value, false)
  if (agent) protocol.openssh_agentForward(id, false)
  if (display !== undefined) protocol.x11Forward(id, display, false)
}

/** Opens a channel to the client's agent or display. */
export function openToClient(
  client: Connection,
  { kind, from }: Pick<OpenedByHost, 'kind' | 'from'>,
  done: (error: Error | undefined, channel?: ServerChannel) => void,
): void {
  if (kind === 'x11') {
    client.x11(from.host, from.port, done)
    return
  }
  const { _protocol: protocol, _chanMgr: channels } = libraryOf(client)
  const opened: Opened = (error, channel) => done(error, channel)
  opened.type = agentChannel
  const id = channels.add(opened)
  if (id < 0) done(new Error('no channel is free'))
  else protocol.openssh_authAgent(id, windowBytes, packetBytes)
}

function libraryOf(connection: EventEmitter): Library {
  const protocol: unknown = Reflect.get(connection, '_protocol')
  const fits =
    ['env', 'openssh_agentForward', 'x11Forward', 'openssh_authAgent'].every(
      (name) => typeof Reflect.get(Object(protocol), name) === 'function',
    ) &&
    typeof Reflect.get(Object(Reflect.get(connection, '_chanMgr')), 'add') === 'function' &&
    typeof Reflect.get(Object(protocol), '_handlers') === 'object'
  if (!fits) throw new TypeError('ssh2 is not the version that this was written for')
  return connection as unknown as Library
}
