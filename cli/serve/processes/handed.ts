// Connections on their way from the parent to a process. Node's cluster keeps one open until the process has taken it, and
// for ever when the process ends before that: its client would wait for an answer that nobody gives.
import type { ChildProcess } from 'node:child_process'
import { fieldOf } from './message.ts'

/** Closes, when a process ends, the connections that it was sent and had not taken. */
export function closeUntaken(child: ChildProcess): void {
  const sent = new Map<number, object>()
  const send = child.send.bind(child)
  // INVARIANT: what is not understood is passed on as it is, whatever Node's cluster says to its processes.
  child.send = (...args: readonly unknown[]): boolean => {
    const [message, handle] = args
    const number = fieldOf(message, 'seq')
    if (fieldOf(message, 'act') === 'newconn' && typeof number === 'number' && typeof handle === 'object' && handle)
      sent.set(number, handle)
    return Reflect.apply(send, child, args)
  }
  child.on('internalMessage', (message: unknown) => {
    const number = fieldOf(message, 'ack')
    if (typeof number === 'number') sent.delete(number)
  })
  child.once('exit', () => {
    for (const handle of sent.values()) {
      const close: unknown = Reflect.get(handle, 'close')
      if (typeof close === 'function') Reflect.apply(close, handle, [])
    }
    sent.clear()
  })
}
