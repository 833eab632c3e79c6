// One channel of a client: asked for, judged, and only then joined to a channel of the host.
import type { ServerChannel } from 'ssh2'
import type { Effects, GateSession, HoldNotice, Refusal, Submission, Terms } from '../gate/contract.ts'
import { type Egress, egressOf } from './egress.ts'
import { isSignal, Resizes, type Size } from './terminal.ts'
import type { Transport } from './transport.ts'
import type { HostChannel, Pty } from './upstream.ts'
import { pass, type Valve, valveOf } from './valve.ts'

/** The exit status by which shells say that a command was found and may not run. */
export const refusedStatus = 126

/** How long the echo of a terminal is held back for the rest of a value. */
const echoMs = 20

/** Signals that wait for a command that has not started. */
const signalsMax = 16
const nothing = Buffer.alloc(0)

/** What judges and joins a channel. */
export interface ChannelParts {
  readonly session: GateSession
  /** The client's connection. */
  readonly transport: Transport
  readonly action: Parameters<GateSession['submit']>[0]
  readonly state: Parameters<GateSession['submit']>[1]
  readonly pty: Pty | undefined
  /** Opens the host's side. */
  readonly open: () => Promise<HostChannel>
  /** Serves the channel by the gateway itself, in place of a channel of the host. */
  readonly serve?: ((client: ServerChannel, joined: Joined) => Served) | undefined
  /** What else the client may have when this is refused. */
  readonly otherwise?: (() => void) | undefined
  /** Follows what passes; absent passes it as it is. */
  readonly join?: ((client: ServerChannel, opened: HostChannel, joined: Joined) => void) | undefined
  readonly onError: (error: unknown) => void
  /** Tells the client that its request was taken: before anything else that it is told on the channel. */
  readonly taken: () => void
  /** Key of the `hash` strategy. */
  readonly hashKey: Uint8Array
  /** The bytes of both sides are a terminal's, and recorded as such. */
  readonly isTerminal: boolean
}

/** What serves a channel in place of the host. */
export interface Served {
  signal(name: string): void
  resize(size: Size): void
  close(): void
}

/** A channel that runs, as its connection sees it. */
export interface RunningChannel {
  /** A signal of a name that can be told. */
  signal(name: string): void
  resize(size: Size): void
  /** The client reads no more. */
  endOfWrite(): void
  /** Says why and ends it. */
  refuse(refusal: Refusal): void
  gone(): void
}

/** Judges the action of a channel that the client already has, and joins it when it may go. */
export function runChannel(client: ServerChannel, parts: ChannelParts): RunningChannel {
  const { session, action, state, open, onError } = parts
  let joined: HostChannel | undefined
  let served: Served | undefined
  let terms: Terms | undefined
  let isOver = false
  let isRead = true
  const pendingSignals: string[] = []
  /** The size that the terminal has now, where it was told again. */
  let size: Size | undefined
  const resizes = new Resizes((told) => {
    size = told
    const { cols, rows, width, height } = told
    session.resized(cols, rows)
    served?.resize(told)
    joined?.channel.setWindow(rows, cols, height, width)
  })
  const end = (): void => {
    resizes.end()
    if (isOver) return
    isOver = true
    joined?.channel.close()
    served?.close()
    submission?.finish()
  }
  const refuse = (refusal: Refusal): void => {
    if (isOver) return
    // That the command was taken is told by itself, for clients that listen for its end after that.
    parts.taken()
    parts.transport.flush()
    client.stderr.write(refusalText(refusal))
    client.exit(refusedStatus)
    client.end()
    end()
  }
  const effects: Effects = {
    forward: (given) => {
      terms = given
      const plan = egressOf(session, given, parts.hashKey)
      if (!plan.ok) return refuse(plan.refusal)
      const { transport, pty, hashKey, isTerminal } = parts
      // A client that does not know its size says nothing, or 0.
      const shown = size ?? pty
      if (isTerminal && shown !== undefined && shown.cols > 0 && shown.rows > 0) session.resized(shown.cols, shown.rows)
      const joining: Joined = {
        session,
        transport,
        pty,
        hashKey,
        isTerminal,
        onError,
        terms: given,
        egress: plan.open,
        refuse,
        end,
      }
      if (parts.serve !== undefined) {
        parts.taken()
        served = parts.serve(client, joining)
        if (size !== undefined) served.resize(size)
        return
      }
      open().then(
        (opened) => {
          if (isOver) return opened.channel.close()
          joined = opened
          // The terminal was asked for as it was then; who waits for people may have drawn it otherwise.
          if (size !== undefined) opened.channel.setWindow(size.rows, size.cols, size.height, size.width)
          for (const name of pendingSignals.splice(0)) opened.channel.signal(name)
          if (!isRead) opened.transport.endOfWrite(opened.channel)
          const joinBy = parts.join ?? join
          joinBy(client, opened, joining)
        },
        (error: unknown) => {
          onError(error)
          if (isOver) return
          client.stderr.write(`sallyport: ${error instanceof Error ? error.message : 'the host failed'}\n`)
          client.exit(255)
          client.end()
          end()
        },
      )
    },
    refuse: (refusal) => {
      if (parts.otherwise === undefined || isOver || refusal.code === 'cancelled') return refuse(refusal)
      isOver = true
      parts.otherwise()
    },
    held: (notice) => {
      parts.taken()
      client.stderr.write(holdText(notice))
    },
    stop: refuse,
  }
  let submission: Submission | undefined
  client.on('close', () => {
    if (terms === undefined) submission?.cancel('client_gone')
    end()
  })
  submission = session.submit(action, state, effects)
  // What may go is on its way by now.
  parts.taken()
  if (isOver) submission.finish()
  return {
    signal: (name) => {
      if (served !== undefined) served.signal(name)
      else if (joined !== undefined) joined.channel.signal(name)
      else if (pendingSignals.length < signalsMax) pendingSignals.push(name)
    },
    resize: (size) => resizes.push(size),
    endOfWrite: () => {
      isRead = false
      joined?.transport.endOfWrite(joined.channel)
    },
    refuse,
    gone: () => {
      submission?.cancel('client_gone')
      end()
    },
  }
}

/** What a channel is joined by, once its action may go. */
export interface Joined
  extends Pick<ChannelParts, 'session' | 'transport' | 'pty' | 'hashKey' | 'isTerminal' | 'onError'> {
  readonly terms: Terms
  readonly egress: () => Egress
  readonly refuse: (refusal: Refusal) => void
  readonly end: () => void
  /** Takes what the client sends, in place of the host. */
  readonly input?: (bytes: Buffer) => void
  readonly inputEnd?: () => void
}

/** Passes bytes both ways, as fast as the slower side takes them. */
export function join(client: ServerChannel, opened: HostChannel, joined: Joined): void {
  const { session, terms, isTerminal, pty, egress, refuse, end, transport } = joined
  const { channel: host, exit } = opened
  const observe = (kind: Parameters<GateSession['observe']>[0], bytes: Buffer, valve: Valve): void => {
    if (!session.observe(kind, bytes)) session.onDrain(valve.hold())
  }
  const input = valveOf(client)
  const take = (bytes: Buffer): void => {
    observe(isTerminal ? 'terminal_in' : 'wire_up', bytes, input)
    pass(bytes, input, host, opened.transport)
  }
  client.on('data', joined.input ?? take)
  client.on(
    'end',
    joined.inputEnd ??
      (() => {
        if (!host.writableEnded) host.end()
      }),
  )
  const streams = [
    { from: host, to: client, shown: egress(), valve: valveOf(host) },
    { from: host.stderr, to: client.stderr, shown: egress(), valve: valveOf(host.stderr) },
  ]
  const show = ({ to, valve }: (typeof streams)[number], bytes: Buffer): void => {
    if (bytes.length === 0) return
    const budget = session.consume({ bytes: bytes.length }, terms)
    if (budget.within) {
      observe(isTerminal ? 'terminal_out' : 'wire_down', bytes, valve)
      pass(bytes, valve, to, transport)
    } else refuse(budget.refusal)
  }
  for (const stream of streams) {
    let release: NodeJS.Timeout | undefined
    stream.from.on('data', (bytes: Buffer) => {
      clearTimeout(release)
      show(stream, stream.shown.push(bytes))
      // A person at a terminal sees the echo of each key; what a program reads may wait for the rest of a value.
      if (pty !== undefined && stream.shown.held)
        release = setTimeout(() => show(stream, stream.shown.release()), echoMs)
    })
    stream.from.on('end', () => {
      clearTimeout(release)
      show(stream, stream.shown.end())
    })
  }
  host.on('error', () => undefined)
  client.on('error', () => undefined)
  host.on('close', () => {
    const ended = exit()
    const tell = (): void => {
      if (ended === undefined) client.exit(255)
      else if (ended.code !== null) client.exit(ended.code)
      else if (ended.signal === '') client.exit('KILL', false, ended.description)
      // A signal of the host's own, such as `SIG@openssh.com` for a bus error: it ended badly.
      else if (!isSignal(ended.signal)) client.exit(255)
      else client.exit(ended.signal, false, ended.description)
      client.end()
      // Whoever waits for a command waits for this; what the gateway has to put away comes after it.
      transport.flush()
    }
    // The status comes after all output that the client still has to take.
    if (client.writableLength === 0 && client.stderr.writableLength === 0) tell()
    else client.stderr.write(nothing, () => client.write(nothing, tell))
    end()
  })
}

/** A refusal as it is written on standard error. */
export function refusalText({ message, rule, decisionId, hint }: Refusal): string {
  return `sallyport: ${message}\nsallyport: rule ${rule}, decision ${decisionId}\n${hint === '' ? '' : `sallyport: ${hint}\n`}`
}

/** What is said on standard error while an action waits for people. */
export function holdText({ expiresAtMs, reason, rule, holdId }: HoldNotice): string {
  return `sallyport: waiting for approval until ${new Date(expiresAtMs).toISOString()}: ${reason} (${rule}, hold ${holdId})\n`
}
