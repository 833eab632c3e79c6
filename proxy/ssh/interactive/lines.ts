// A shell of the host behind a line that is typed at the gateway: a line goes to the shell whole, once it was judged. It is
// a guard rail and no enforcement: what a running program makes of a line, and what the shell was made to do before, is not
// known here.
import type { ServerChannel } from 'ssh2'
import { unreachable } from '../../../rego/unreachable.ts'
import { type Edit, LineEditor } from '../../terminal/index.ts'
import { lineAction } from '../actions.ts'
import { holdText, type Joined, join, refusalText } from '../channel.ts'
import { egressOf } from '../egress.ts'
import type { HostChannel } from '../upstream.ts'
import { pass, valveOf } from '../valve.ts'

/** Signals that a terminal makes of keys: they go to the host at once. */
const signalKeys: ReadonlySet<string> = new Set(['\x1a', '\x1c'])

/** Joins a client to a shell of the host, a line at a time. */
export function joinLines(client: ServerChannel, opened: HostChannel, joined: Joined): void {
  const { session, pty, transport, hashKey } = joined
  const { channel: host } = opened
  const echoes = pty !== undefined
  const editor = new LineEditor({ echoes, history: () => [], complete: () => [] })
  const input = valveOf(client)
  let isJudging = false
  let hasEnded = false
  const show = (text: string): void => {
    if (text === '') return
    const bytes = Buffer.from(echoes ? text.replaceAll(/\r?\n/g, '\r\n') : text)
    if (!session.observe('terminal_out', bytes)) session.onDrain(input.hold())
    pass(bytes, input, client, transport)
  }
  const send = (text: string): void => pass(Buffer.from(text), input, host, opened.transport)

  const judge = (line: string): void => {
    const release = input.hold()
    isJudging = true
    const over = (): void => {
      isJudging = false
      release()
      editor.clear()
      run()
    }
    if (line.trim() === '') {
      send(echoes ? '\r' : '\n')
      over()
      return
    }
    if (hasControl(line)) {
      // A shell would take such a key for a command to itself, and run another line than the one that was judged.
      show('\nsallyport: a line with control characters is not sent\n')
      over()
      return
    }
    const submission = session.submit(
      lineAction(line),
      {},
      {
        forward: (terms) => {
          const plan = egressOf(session, terms, hashKey)
          if (plan.ok && plan.masks === joinedMasks) {
            show(editor.erase())
            send(`${line}${echoes ? '\r' : '\n'}`)
          } else show('\nsallyport: the output of a shell cannot be masked for one line\n')
          queueMicrotask(() => submission.finish())
          over()
        },
        refuse: (refusal) => {
          show(`\n${refusalText(refusal)}`)
          // An empty line brings the prompt back.
          if (echoes) send('\r')
          over()
        },
        held: (notice) => show(`\n${holdText(notice)}`),
        stop: () => undefined,
      },
    )
    client.once('close', () => submission.cancel('client_gone'))
  }
  const plan = egressOf(session, joined.terms, hashKey)
  const joinedMasks = plan.ok && plan.masks

  const take = (edit: Edit): void => {
    switch (edit.do) {
      case 'show':
        show(edit.text)
        break
      case 'line':
        judge(edit.line)
        break
      case 'interrupt':
        show(editor.erase())
        editor.clear()
        send('\x03')
        break
      case 'end':
        send('\x04')
        break
      case 'control':
        if (signalKeys.has(edit.char)) send(edit.char)
        else show('\x07')
        break
      default:
        unreachable(edit)
    }
  }
  const run = (): void => {
    while (!isJudging) {
      const edit = editor.next()
      if (edit === undefined) break
      take(edit)
    }
    if (!hasEnded || isJudging) return
    if (!echoes && editor.typed !== '') judge(editor.typed)
    else host.end()
  }
  join(client, opened, {
    ...joined,
    input: (bytes) => {
      if (!session.observe('terminal_in', bytes)) session.onDrain(input.hold())
      if (editor.push(bytes)) run()
      else client.close()
    },
    inputEnd: () => {
      hasEnded = true
      run()
    },
  })
}

/** True for what a terminal or its shell takes for a key rather than a letter. */
function hasControl(line: string): boolean {
  for (const char of line) if (char < ' ' || char === '\x7f') return true
  return false
}
