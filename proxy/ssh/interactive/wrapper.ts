// A shell that the gateway itself serves: every line is a command of its own, judged and run like one that was asked for by
// `ssh host command`. Nothing lives on from one line to the next at the host, so nothing is hidden in what went before.
import type { ServerChannel } from 'ssh2'
import { unreachable } from '../../../rego/unreachable.ts'
import type { Refusal, Submission } from '../../gate/contract.ts'
import { type Edit, LineEditor } from '../../terminal/index.ts'
import { execAction } from '../actions.ts'
import { holdText, type Joined, refusalText, refusedStatus, type Served } from '../channel.ts'
import { egressOf } from '../egress.ts'
import type { HostChannel, Pty } from '../upstream.ts'
import { pass, valveOf } from '../valve.ts'

/** Runs one line at the host. */
export type RunLine = (line: string, pty: Pty | undefined) => Promise<HostChannel>

const historyMax = 500
const help = `Every line runs as a command of its own: a folder that is changed to, or a variable, does not last.
history  the lines that were allowed    exit [STATUS]  leaves    help  this
`

/** Serves one shell on a channel that is open. */
export function serveWrapper(client: ServerChannel, name: string, runLine: RunLine, joined: Joined): Served {
  const { session, transport, hashKey, onError, end } = joined
  let { pty } = joined
  const echoes = pty !== undefined
  const history: string[] = []
  const editor = new LineEditor({ echoes, history: () => history, complete })
  const input = valveOf(client)
  let running: HostChannel | undefined
  let submission: Submission | undefined
  let isBusy = false
  let hasEnded = false
  let isOver = false
  let last = 0

  /** Names of commands that were allowed before. */
  function complete(beginning: string): readonly string[] {
    if (beginning === '' || beginning.includes(' ')) return []
    const names = new Set(history.map((line) => line.trim().split(' ', 1)[0] ?? ''))
    return [...names].filter((one) => one.startsWith(beginning)).sort()
  }

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
  const prompt = (): void => {
    if (echoes) show(`${name}> `)
  }
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
    submission?.cancel('client_gone')
    running?.channel.close()
  }

  const ended = (status: number): void => {
    submission?.finish()
    submission = undefined
    running = undefined
    last = status
    isBusy = false
    prompt()
    work()
  }

  function start(line: string): void {
    isBusy = true
    const made = session.submit(
      execAction(line),
      {},
      {
        forward: (terms) => {
          if (history.at(-1) !== line) history.push(line)
          if (history.length > historyMax) history.shift()
          const plan = egressOf(session.terms, terms, hashKey)
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

  function take(edit: Edit): void {
    switch (edit.do) {
      case 'show':
        show(edit.text)
        break
      case 'line':
        enter(edit.line)
        break
      case 'interrupt':
        editor.clear()
        show('^C\n')
        prompt()
        break
      case 'end':
        show('\n')
        leave(last)
        break
      case 'control':
        show('\x07')
        break
      default:
        unreachable(edit)
    }
  }

  function enter(typed: string): void {
    editor.clear()
    if (echoes) show('\n')
    const line = typed.trim()
    const [word, argument = ''] = line.split(' ')
    if (word === 'exit' || word === 'logout') {
      leave(/^\d{1,3}$/.test(argument) ? Number(argument) & 255 : last)
      return
    }
    if (line !== '' && line !== 'help' && line !== 'history') {
      start(typed)
      return
    }
    if (line === 'help') show(help)
    if (line === 'history') show(history.map((one) => `${one}\n`).join(''))
    prompt()
  }

  function work(): void {
    while (!isBusy && !isOver) {
      const edit = editor.next()
      if (edit === undefined) break
      take(edit)
    }
    if (!hasEnded || isBusy || isOver) return
    if (editor.typed.trim() === '') leave(last)
    else take({ do: 'line', line: editor.typed })
  }

  client.on('data', (bytes: Buffer) => {
    if (!session.observe('terminal_in', bytes)) session.onDrain(input.hold())
    if (running !== undefined && echoes) pass(bytes, input, running.channel, running.transport)
    else if (editor.push(bytes)) work()
    else leave(refusedStatus)
  })
  client.on('end', () => {
    hasEnded = true
    running?.channel.end()
    work()
  })
  client.on('error', () => undefined)
  if (echoes) show(`Commands run one at a time at ${name}; \`help\` says more.\n`)
  prompt()
  return {
    signal: (signal) => running?.channel.signal(signal),
    resize: (cols, rows, width, height) => {
      if (pty !== undefined) pty = { ...pty, cols, rows, width, height }
      running?.channel.setWindow(rows, cols, height, width)
    },
    close,
  }
}

const nothing = Buffer.alloc(0)
