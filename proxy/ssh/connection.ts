// One client connection: who it is, which host, and every channel that it asks for.
import type { AcceptConnection, Connection, RejectConnection, ServerChannel, Session } from 'ssh2'
import type { Identity, Resource } from '../../engine/action/index.ts'
import type { Gate, GateSession, Refusal } from '../gate/contract.ts'
import type { Authenticator } from '../identity/contract.ts'
import { execAction, onTerminal, type ShellMode, shellAction, subsystemAction } from './actions.ts'
import { authenticator, type Known } from './authentication.ts'
import { type ChannelParts, type RunningChannel, refusalText, refusedStatus, runChannel } from './channel.ts'
import type { EnrolledKeys } from './enrolled-keys.ts'
import { type Place, runForward } from './forward.ts'
import { relayHostOpened } from './host-opened.ts'
import { joinLines } from './interactive/lines.ts'
import { serveWrapper } from './interactive/wrapper.ts'
import type { KnownHosts } from './known-hosts.ts'
import { mayListen, originOf, placeOf } from './place.ts'
import { remoteForwards } from './remote-forward.ts'
import { questionsOf, type Setting } from './setting.ts'
import { joinSftp } from './sftp/join.ts'
import { isSignal, ptyOf, withoutModes } from './terminal.ts'
import { watchTerminalModes } from './terminal-modes.ts'
import { endOnce, mendTransport, type RekeyLimits } from './transport.ts'
import { connectSsh, type Pty, type SshUpstream, type SshUpstreamTarget } from './upstream.ts'
import { type WarmUpstreams, warmKey } from './warm.ts'

/** A host that clients can name. */
export interface SshTarget {
  readonly resource: Resource
  readonly user: string
  /** Ways to have a shell, tried in order until policy allows one. */
  readonly shells: readonly ShellMode[]
  /** The key of masks that have one; absent means the gateway's. */
  readonly hashKey?: () => Promise<Uint8Array>
  readonly upstream: () => Promise<SshUpstreamTarget>
  /** By what it is known now. Throws where that cannot be read. */
  readonly knownHosts: () => KnownHosts
  /** Where and as whom that leads, so that a connection is kept for nobody else; never a secret. */
  readonly place: string
  /** How long a connection to it waits for the next client of the same identity. */
  readonly warmMs: number
}

type ChannelKind = Pick<ChannelParts, 'action' | 'open' | 'isTerminal' | 'join' | 'serve' | 'otherwise'>
type Asked = Pick<ChannelParts, 'pty' | 'state'> & { readonly setting: Setting }
type MadeKind = ChannelKind & Pick<ChannelParts, 'pty' | 'state'>

/** What connections share. */
export interface ConnectionParts {
  readonly gate: Gate
  readonly authenticator: Authenticator
  readonly target: (name: string) => SshTarget | undefined
  readonly enrolled?: EnrolledKeys | undefined
  readonly hashKey: Uint8Array
  readonly warm: WarmUpstreams
  /** When clients' keys are made anew; absent is RFC 4253's advice. */
  readonly rekey?: RekeyLimits
  readonly onError: (where: string, error: unknown) => void
}

const channelsMax = 64

/** Serves a client that has connected; `ready` is told when it has proved who it is. */
export function serveConnection(
  client: Connection,
  address: string,
  parts: ConnectionParts,
  ready: () => void,
): { end(): void } {
  const channels = new Map<object, RunningChannel>()
  const forwards = new Set<ReturnType<typeof runForward>>()
  /** Ends what the host has opened by itself. */
  const hostOpened = new Set<() => void>()
  /** Channels that are open, whatever they do. */
  let places = 0
  let known: Known | undefined
  let opened: Promise<GateSession | Refusal> | undefined
  let session: GateSession | undefined
  let upstream: Promise<SshUpstream> | undefined
  /** The same once it is there: what may go then goes at once. */
  let reached: SshUpstream | undefined
  /** False where something ran when the client left. */
  let isWhole = true
  /** Parts from the host's connection: it is closed, or waits for the next client. */
  let letGo: () => void = () => undefined
  let isGone = false
  const gone = new AbortController()
  const modes = watchTerminalModes(client)
  const transport = mendTransport(
    client,
    {
      broken: (why) => parts.onError('ssh', new Error(`the client sent ${why}`)),
      endOfWrite: (channel) => channels.get(channel)?.endOfWrite(),
    },
    parts.rekey,
  )

  const listening = remoteForwards(client, {
    transport,
    onHost,
    onError: (error) => parts.onError('ssh', error),
    takePlace,
    leavePlace,
  })

  function takePlace(): boolean {
    return places < channelsMax && ++places > 0
  }
  function leavePlace(): void {
    places--
  }

  client.on(
    'authentication',
    authenticator(
      { ...parts, address, onError: (error) => parts.onError('ssh', error) },
      (one) => {
        known = one
      },
      () => client.end(),
    ),
  )

  client.on('ready', () => {
    if (known === undefined) {
      client.end()
      return
    }
    ready()
    opened = open(known.identity, known.target)
    client.on('session', (accept, reject) => takeSession(accept, reject))
    client.on('tcpip', (accept, reject, { destIP, destPort, srcIP, srcPort }) => {
      const to = placeOf({ host: destIP, port: destPort })
      if (places >= channelsMax || to === undefined) return reject()
      places++
      forward(accept, reject, to, originOf({ host: srcIP, port: srcPort }))
    })
    client.on('openssh.streamlocal', (_accept, reject) => reject())
    client.on('request', (accept, reject, name, { bindAddr, bindPort }) => {
      const at = { host: bindAddr, port: bindPort }
      if (name === 'tcpip-forward' && mayListen(at)) listenAt(at, accept, reject)
      else if (name === 'cancel-tcpip-forward' && listening.cancel(at)) accept?.()
      else reject?.()
    })
  })

  async function open(identity: Identity, target: SshTarget): Promise<GateSession | Refusal> {
    const answer = await parts.gate.open({
      identity,
      resource: target.resource,
      client: { address, application: 'ssh' },
      state: {},
      signal: gone.signal,
    })
    if (!answer.open) return answer.refusal
    session = answer.session
    if (isGone) session.close('client_gone')
    session.onEnd((refusal) => {
      for (const channel of [...channels.values()]) channel.refuse(refusal)
      client.end()
    })
    // Whoever may have a session will want the host: its login need not wait for the first action. Whether it fails is
    // told to the action that needs it.
    host(identity, target).catch(() => undefined)
    return session
  }

  function host(identity: Identity, target: SshTarget): Promise<SshUpstream> {
    const key = warmKey(identity, target.place)
    const kept = upstream === undefined ? parts.warm.take(key, (one) => isKnown(one, target)) : undefined
    upstream ??= (kept === undefined ? connect(target) : Promise.resolve(kept)).then((made) => {
      const forget = made.onClose(() => client.end())
      letGo = () => {
        forget()
        if (isWhole && made.isIdle) parts.warm.give(key, made, target.warmMs)
        else made.close()
      }
      reached = made
      made.onOpened((one) => {
        if (session === undefined || isGone) return one.refuse()
        relayHostOpened(one, { client, transport, session, takePlace, leavePlace, ends: hostOpened })
      })
      if (isGone) letGo()
      return made
    })
    return upstream
  }

  function takeSession(accept: AcceptConnection<Session>, reject: RejectConnection): void {
    if (places >= channelsMax) {
      reject()
      return
    }
    places++
    // Only the connection of a session that may be is there.
    // Where that fails, the action that needs the host hears of it.
    upstream?.then((made) => made.ahead()).catch(() => undefined)
    const asked = accept()
    // The client asks for the next thing when it hears of it.
    transport.flush()
    asked.on('close', () => places--)
    let pty: Pty | undefined
    let running: RunningChannel | undefined
    let isTaken = false
    /** Tells the client that what it asked for was taken; once. */
    let taken = (): void => undefined
    const questions = questionsOf(asked, transport, openedSession, (error) => parts.onError('ssh', error))
    asked.on('pty', (agree, _refuse, info) => {
      const wanted = ptyOf(info, modes())
      pty = wanted ?? pty
      questions.whenAnswered(() => {
        if (agree !== undefined) transport.answer(asked, wanted !== undefined)
      })
    })
    asked.on('window-change', (agree, _refuse, size) => {
      running?.resize(size)
      agree?.()
    })
    asked.on('signal', (agree, refuse, { name }) => {
      if (!isSignal(name)) return refuse?.()
      running?.signal(name)
      agree?.()
    })
    const start = (channel: ServerChannel, make: (asked: Asked) => ChannelKind): void => {
      const { setting, state } = questions
      const given = { pty, state, setting }
      const made = (): MadeKind => {
        const { action, open: opensHost, isTerminal, join, serve, otherwise } = make(given)
        return { pty: given.pty, state, action, open: opensHost, isTerminal, join, serve, otherwise }
      }
      if (session !== undefined && known !== undefined && known.target.hashKey === undefined) {
        try {
          running = runOn(session, parts.hashKey, channel, made(), taken)
        } catch (error) {
          parts.onError('ssh', error)
        }
        return
      }
      taken()
      run(channel, made).then(
        (made) => {
          running = made
        },
        (error: unknown) => parts.onError('ssh', error),
      )
    }
    /** The first of them has the channel, and what comes for it waits there while what was asked before is judged. */
    const first = (
      agree: () => ServerChannel | undefined,
      refuse: (() => void) | undefined,
      begin: (channel: ServerChannel) => void,
    ): void => {
      const channel = isTaken ? undefined : transport.quietly(agree)
      if (channel === undefined) {
        if (refuse !== undefined) transport.answer(asked, false)
        return
      }
      isTaken = true
      questions.whenAnswered(() => {
        let isTold = refuse === undefined
        taken = () => {
          // Whoever wants no answer is not given the means to refuse.
          if (!isTold) transport.answer(asked, true)
          isTold = true
        }
        begin(channel)
      })
    }
    asked.on('exec', (agree, refuse, { command }) =>
      first(agree, refuse, (channel) =>
        start(channel, ({ pty: terminal, setting }) => ({
          action: onTerminal(execAction(command), terminal !== undefined),
          open: () => onHost((upstreamHost) => upstreamHost.exec(command, terminal, setting)),
          isTerminal: true,
        })),
      ),
    )
    asked.on('shell', (agree, refuse) => {
      if (known === undefined) return refuse?.()
      const { target } = known
      first(agree, refuse, (channel) => startShell(target, channel, start))
    })
    asked.on('subsystem', (agree, refuse, { name }) =>
      first(agree, refuse, (channel) =>
        start(channel, ({ setting }) => ({
          action: subsystemAction(name),
          open: () => onHost((upstreamHost) => upstreamHost.subsystem(name, setting)),
          isTerminal: false,
          ...(name === 'sftp' ? { join: joinSftp } : {}),
        })),
      ),
    )
  }

  /** A shell in the first of its ways that policy allows. */
  function startShell(
    { shells, resource }: SshTarget,
    channel: ServerChannel,
    start: (channel: ServerChannel, make: (asked: Asked) => ChannelKind) => void,
  ): void {
    const tryFrom = (index: number): void => {
      const mode = shells[index] ?? 'record'
      start(channel, ({ pty: terminal, setting }) => ({
        action: onTerminal(shellAction(mode), terminal !== undefined),
        open: () => onHost((one) => one.shell(mode === 'record' ? terminal : withoutModes(terminal), setting)),
        isTerminal: true,
        ...(index + 1 < shells.length ? { otherwise: () => tryFrom(index + 1) } : {}),
        ...(mode === 'lines' ? { join: joinLines } : {}),
        ...(mode === 'wrapper'
          ? {
              serve: (client, joined) =>
                serveWrapper(
                  client,
                  resource.name,
                  (line, pty) => onHost((upstreamHost) => upstreamHost.exec(line, pty, setting)),
                  joined,
                ),
            }
          : {}),
      }))
    }
    tryFrom(0)
  }

  /** The session, where there is to be one. */
  async function openedSession(): Promise<GateSession | undefined> {
    const answer = await opened
    return answer !== undefined && 'submit' in answer ? answer : undefined
  }

  function onHost<T>(use: (upstreamHost: SshUpstream) => Promise<T>): Promise<T> {
    if (reached !== undefined) return use(reached)
    if (known === undefined) return Promise.reject(new Error('nobody is known'))
    return host(known.identity, known.target).then(use)
  }

  async function hashKeyOf(one: Known | undefined): Promise<Uint8Array> {
    return (await one?.target.hashKey?.()) ?? parts.hashKey
  }

  async function run(channel: ServerChannel, make: () => MadeKind): Promise<RunningChannel | undefined> {
    const answer = await opened
    if (answer === undefined || !('submit' in answer)) {
      transport.flush()
      if (answer !== undefined) channel.stderr.write(refusalText(answer))
      channel.exit(refusedStatus)
      channel.end()
      client.end()
      return undefined
    }
    return runOn(answer, await hashKeyOf(known), channel, make(), () => undefined)
  }

  function runOn(
    opening: GateSession,
    hashKey: Uint8Array,
    channel: ServerChannel,
    kind: MadeKind,
    taken: () => void,
  ): RunningChannel {
    // Named one by one: to spread objects of many shapes costs as much as to judge.
    const { action, state, pty, open: opensHost, isTerminal, join, serve, otherwise } = kind
    const running = runChannel(channel, {
      session: opening,
      transport,
      hashKey,
      onError: (error) => parts.onError('ssh', error),
      taken,
      action,
      state,
      pty,
      open: opensHost,
      isTerminal,
      join,
      serve,
      otherwise,
    })
    endOnce(channel)
    channels.set(channel, running)
    channel.on('close', () => channels.delete(channel))
    return running
  }

  function listenAt(at: Place, accept: ((port: number) => void) | undefined, reject: (() => void) | undefined): void {
    // Who asks for a port and does not want to know whether there is one has none.
    if (accept === undefined || reject === undefined) return
    opened
      ?.then((answer) => {
        if ('submit' in answer && !isGone) listening.ask(answer, at, accept, reject)
        else reject()
      })
      .catch((error: unknown) => parts.onError('ssh', error))
  }

  function forward(accept: AcceptConnection<ServerChannel>, reject: RejectConnection, to: Place, from: Place): void {
    opened
      ?.then(async (answer) => {
        if (!('submit' in answer)) return reject()
        const forwarding = runForward(accept, reject, to, from, {
          session: answer,
          transport,
          hashKey: await hashKeyOf(known),
          onHost,
          onError: (error) => parts.onError('ssh', error),
        })
        forwards.add(forwarding)
        await forwarding.done
        forwards.delete(forwarding)
      })
      .catch((error: unknown) => parts.onError('ssh', error))
      .finally(() => places--)
  }

  const close = (): void => {
    if (isGone) return
    isGone = true
    gone.abort()
    // A host that has to end something for a client that left is told by the end of its connection.
    isWhole = channels.size === 0 && forwards.size === 0
    for (const channel of [...channels.values()]) channel.gone()
    for (const forwarding of [...forwards]) forwarding.end()
    for (const end of [...hostOpened]) end()
    listening.end()
    session?.close('client_gone')
    letGo()
  }
  client.on('end', close)
  client.on('close', close)
  // What a client does to its own connection ends that connection and is nobody else's error.
  client.on('error', close)
  return {
    end: () => {
      client.end()
      close()
    },
  }
}

async function connect(target: SshTarget): Promise<SshUpstream> {
  return await connectSsh(await target.upstream())
}

/** Whether a host is still known by the key that it showed: a file that cannot be read knows none. */
function isKnown(upstream: SshUpstream, target: SshTarget): boolean {
  try {
    return upstream.isKnownBy(target.knownHosts())
  } catch {
    return false
  }
}
