// A shell that the gateway itself serves: every line is a command of its own, judged and run like one that was asked for by
// `ssh host command`. Nothing lives on from one line to the next at the host, so nothing is hidden in what went before.
import type { ServerChannel } from 'ssh2'
import type { Refusal, Submission } from '../../gate/contract.ts'
import { CommandShell } from '../../terminal/index.ts'
import { execAction, onTerminal } from '../actions.ts'
import { holdText, type Joined, refusalText, refusedStatus, type Served } from '../channel.ts'
import { egressOf } from '../egress.ts'
import type { HostChannel, Pty } from '../upstream.ts'
import { pass, valveOf } from '../valve.ts'

/** Runs one line at the host. */
export type RunLine = (line: string, pty: Pty | undefined) => Promise<HostChannel>

/** Serves one shell on a channel that is open. */
export function serveWrapper(client: ServerChannel, name: string, runLine: RunLine, joined: Joined): Served {
  const { session, transport, hashKey, onError, end } = joined
  let { pty } = joined
  const echoes = pty !== undefined
  const shell = new CommandShell({ name, echoes, show: (text) => show(text), start, leave: (status) => leave(status) })
  const input = valveOf(client)
  let running: HostChannel | undefined
  let submission: Submission | undefined
  let isBusy = false
  let isOver = false

  const write = (
    bytes: Buffer,
    to: { write(bytes: Buffer): boolean; once(event: 'drain', done: () => void): unknown },
  ) => {
    if (isOver || bytes.length === 0) return
    if (!session.observe('terminal_out', bytes)) session.onDrain(input.hold())
    pass(bytes, input, to, transport)
  }
  const show = (text: string): void => write(Buffer.from(echoes ? text.replaceAll(/\r?\n/g, '\r\n') : text), client)
  const say = (text: string): void => (echoes ? show(text) : write(Buffer.from(text), client.stderr))
  const leave = (status: number): void => {
    if (isOver) return
    client.stderr.write(nothing, () =>
      client.write(nothing, () => {
        client.exit(status)
        client.end()
      }),
    )
    close()
    end()
  }
  const close = (): void => {
    isOver = true
    shell.close()
    submission?.cancel('client_gone')
    running?.channel.close()
  }

  const ended = (status: number): void => {
    submission?.finish()
    submission = undefined
    running = undefined
    isBusy = false
    shell.ended(status)
  }

  function start(line: string): void {
    isBusy = true
    const made = session.submit(
      onTerminal(execAction(line), pty !== undefined),
      {},
      {
        forward: (terms) => {
          shell.allowed(line)
          const plan = egressOf(session, terms, hashKey)
          if (!plan.ok) {
            say(refusalText(plan.refusal))
            queueMicrotask(() => ended(refusedStatus))
            return
          }
          runLine(line, pty).then(
            (opened) => {
              if (isOver) return opened.channel.close()
              running = opened
              // Without a terminal the input is lines, and none of them is a command's to read.
              if (!echoes) opened.channel.end()
              for (const [from, to] of [
                [opened.channel, client],
                [opened.channel.stderr, client.stderr],
              ] as const) {
                const shown = plan.open()
                const valve = valveOf(from)
                const pour = (bytes: Buffer): void => {
                  if (bytes.length === 0 || isOver) return
                  const budget = session.consume({ bytes: bytes.length }, terms)
                  if (!budget.within) {
                    stop(budget.refusal)
                    return
                  }
                  if (!session.observe('terminal_out', bytes)) session.onDrain(valve.hold())
                  pass(bytes, valve, to, transport)
                }
                from.on('data', (bytes: Buffer) => pour(shown.push(bytes)))
                from.on('end', () => pour(shown.end()))
              }
              opened.channel.on('error', () => undefined)
              opened.channel.on('close', () => {
                if (running === opened) ended(opened.exit()?.code ?? 255)
              })
            },
            (error: unknown) => {
              onError(error)
              say('sallyport: the host cannot run it\n')
              ended(255)
            },
          )
        },
        refuse: (refusal) => {
          say(refusalText(refusal))
          queueMicrotask(() => ended(refusedStatus))
        },
        held: (notice) => say(holdText(notice)),
        stop,
      },
    )
    if (isBusy) submission = made
  }

  function stop(refusal: Refusal): void {
    const channel = running?.channel
    running = undefined
    channel?.close()
    say(refusalText(refusal))
    queueMicrotask(() => ended(refusedStatus))
  }

  client.on('data', (bytes: Buffer) => {
    if (!session.observe('terminal_in', bytes)) session.onDrain(input.hold())
    if (running !== undefined && echoes) pass(bytes, input, running.channel, running.transport)
    else if (!shell.push(bytes)) leave(refusedStatus)
  })
  client.on('end', () => {
    running?.channel.end()
    shell.end()
  })
  client.on('error', () => undefined)
  shell.begin()
  return {
    signal: (signal) => running?.channel.signal(signal),
    resize: (size) => {
      if (pty !== undefined) pty = { ...pty, ...size }
      running?.channel.setWindow(size.rows, size.cols, size.height, size.width)
    },
    close,
  }
}

const nothing = Buffer.alloc(0)
