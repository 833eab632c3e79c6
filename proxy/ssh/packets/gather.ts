// What one turn writes to a socket is one write to the system. A packet leaves in pieces (its length, its body, its tag):
// they are put side by side in memory that is lent for the turn, which costs less than a vector of pieces does. When a
// turn ends, the socket that was written to last goes first: a side is answered in passing (a request was taken, a channel
// is closed), and what follows from it for the other side is what somebody waits for.
import type { Socket } from 'node:net'

/** Two of the longest packets: memory of this size is had without new pages, and as much of it waits in a slow socket. */
const turnBytes = 2 * 35_000
/** Pieces that are too long to be worth a copy. */
const copiedBytesMax = 64 * 1024
/** Memory for turns, lent: a connection that is idle holds none. */
const free: Buffer[] = []
const freeMax = 32

/** What this turn has still to write, in the order of first writes. */
let unwritten: (() => void)[] = []

function writeAll(): void {
  const flushes = unwritten
  unwritten = []
  for (let at = flushes.length - 1; at >= 0; at--) flushes[at]?.()
}

function atEndOfTurn(flush: () => void): void {
  if (unwritten.length === 0) setImmediate(writeAll)
  unwritten.push(flush)
}

/** Makes a socket gather what is written to it. The answer writes what was gathered before the turn ends. */
export function gatherWrites(socket: Socket): () => void {
  const write = socket.write.bind(socket)
  const end = socket.end.bind(socket)
  let memory: Buffer | undefined
  let held = 0
  let isAsked = false
  const flush = (): void => {
    if (memory === undefined) return
    const lent = memory
    const bytes = lent.subarray(0, held)
    memory = undefined
    held = 0
    write(bytes, (error?: Error | null) => {
      // After an error nobody knows whether the system still reads from it.
      if ((error === undefined || error === null) && free.length < freeMax) free.push(lent)
    })
  }
  const asked = (): void => {
    isAsked = false
    flush()
  }
  const gathering = (bytes: Buffer): boolean => {
    if (held + bytes.length > turnBytes) flush()
    if (bytes.length > copiedBytesMax) {
      flush()
      return write(bytes)
    }
    memory ??= free.pop() ?? Buffer.allocUnsafeSlow(turnBytes)
    memory.set(bytes, held)
    held += bytes.length
    if (!isAsked) {
      isAsked = true
      atEndOfTurn(asked)
    }
    return !socket.writableNeedDrain
  }
  const ending = (...given: Parameters<Socket['end']>): Socket => {
    flush()
    return end(...given)
  }
  for (const [name, value] of Object.entries({ write: gathering, end: ending }))
    Object.defineProperty(socket, name, { value, configurable: true, writable: true })
  return flush
}
