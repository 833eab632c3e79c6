// Back-pressure: a stream flows only while nothing holds it.
import type { Transport } from './transport.ts'

interface Source {
  pause(): unknown
  resume(): unknown
}
interface Sink {
  write(bytes: Buffer): boolean
  once(event: 'drain', callback: () => void): unknown
}

/** What holds a source back, counted: the last one to let go starts it again. */
export interface Valve {
  /** Holds the source until the answer is called. */
  hold(): () => void
}

/** A valve on a source that flows. */
export function valveOf(source: Source): Valve {
  let holds = 0
  return {
    hold: () => {
      if (holds++ === 0) source.pause()
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        if (--holds === 0) source.resume()
      }
    },
  }
}

/** Writes to a sink, and holds the source while the sink or the connection under it has enough. */
export function pass(bytes: Buffer, valve: Valve, sink: Sink, transport: Transport): void {
  if (!sink.write(bytes)) sink.once('drain', valve.hold())
  if (transport.isCongested) transport.onDrain(valve.hold())
}
