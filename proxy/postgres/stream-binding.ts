// What of Node's inside tells how a read or a write by a connection's handle went. There is no other name for it; where
// it is not to be had, streams do what would be done by it.

/** How the last read and the last write went, for whoever asks at once. */
export interface StreamBinding {
  readonly newRequest: () => WriteRequest
  /** Whether the last write was not taken at once. */
  readonly wasAsync: () => boolean
  /** Bytes of the read that is being told of; not positive at its end. */
  readonly readBytes: () => number
}

/** A write that the system has not taken at once; one that it has leaves the request as it was, for the next. */
export interface WriteRequest {
  oncomplete?: (status: number) => void
  /** What is written is kept until it is. */
  buffer?: Uint8Array
}

/** Undefined where this Node has none such. */
export const streamBinding: StreamBinding | undefined = found()

function found(): StreamBinding | undefined {
  try {
    const ask: unknown = Reflect.get(process, 'binding')
    const inside: unknown = typeof ask === 'function' ? Reflect.apply(ask, process, ['stream_wrap']) : undefined
    if (typeof inside !== 'object' || inside === null) return undefined
    const make: unknown = Reflect.get(inside, 'WriteWrap')
    const state: unknown = Reflect.get(inside, 'streamBaseState')
    const write: unknown = Reflect.get(inside, 'kLastWriteWasAsync')
    const read: unknown = Reflect.get(inside, 'kReadBytesOrError')
    if (typeof make !== 'function' || !(state instanceof Int32Array)) return undefined
    if (typeof write !== 'number' || typeof read !== 'number') return undefined
    return {
      newRequest: () => Reflect.construct(make, []),
      wasAsync: () => state[write] !== 0,
      readBytes: () => state[read] ?? 0,
    }
  } catch {
    return undefined
  }
}
