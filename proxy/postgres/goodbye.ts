// The last words to a client whose connection ends.
import type { Socket } from 'node:net'
import type { Refusal } from '../gate/contract.ts'
import { refusalReport } from './reports.ts'
import { UpstreamError } from './upstream.ts'
import { type encodeReport, WireError } from './wire/index.ts'

/** Ends a connection with a word to the client. */
export class Goodbye extends Error {
  readonly sqlstate: string
  readonly refusal: Refusal | undefined
  constructor(sqlstate: string, message: string, refusal?: Refusal) {
    super(message)
    this.sqlstate = sqlstate
    this.refusal = refusal
  }
}

/** How a connection is told why it ends: its own words where there are some, nothing of the inside where there are none. */
export function fatal(error: unknown): Parameters<typeof encodeReport>[0] {
  if (error instanceof Goodbye) {
    if (error.refusal !== undefined)
      return { ...refusalReport(error.refusal), severity: 'FATAL', sqlstate: error.sqlstate }
    return { severity: 'FATAL', sqlstate: error.sqlstate, message: error.message }
  }
  if (error instanceof WireError)
    return { severity: 'FATAL', sqlstate: '08P01', message: `protocol violation: ${error.message}` }
  if (error instanceof UpstreamError) return { severity: 'FATAL', sqlstate: '08006', message: error.message }
  return { severity: 'FATAL', sqlstate: 'XX000', message: 'the gateway cannot serve this connection' }
}

/** Ends a socket, after last bytes where there are some. One that is not closed in time is closed then. */
export function closeWithin(socket: Socket, ms: number, lastBytes?: Uint8Array): void {
  if (lastBytes === undefined) socket.end()
  else socket.end(lastBytes)
  if (socket.closed) return
  const timer = setTimeout(() => socket.destroy(), ms)
  timer.unref()
  // Otherwise all that the session was made of would be kept as long.
  socket.once('close', () => clearTimeout(timer))
}
