// The messages between a gateway's parent and its processes. Both are this program, over a channel of their own; what is
// read is narrowed all the same.

/** Tells a process that it is one of several. Its value is the process's number. */
export const processVariable = 'SALLYPORT_PROCESS'

/** One message, in either direction. */
export type Message =
  | { readonly kind: 'joined' | 'ready' | 'end' | 'runs?' }
  | { readonly kind: 'runs'; readonly isDebugged: boolean }
  | { readonly kind: 'begin'; readonly process: number; readonly processes: number; readonly seed: string }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'tell'; readonly topic: string; readonly body: unknown }
  | { readonly kind: 'ask'; readonly id: number; readonly topic: string; readonly body: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly body: unknown }
  | {
      readonly kind: 'answers'
      readonly id: number
      readonly answers: readonly { readonly process: number; readonly body: unknown }[]
    }

const fields: {
  readonly [kind in Message['kind']]: { readonly [field: string]: 'string' | 'number' | 'boolean' | 'object' }
} = {
  joined: {},
  ready: {},
  end: {},
  'runs?': {},
  runs: { isDebugged: 'boolean' },
  begin: { process: 'number', processes: 'number', seed: 'string' },
  failed: { message: 'string' },
  tell: { topic: 'string' },
  ask: { id: 'number', topic: 'string' },
  answer: { id: 'number' },
  answers: { id: 'number', answers: 'object' },
}

/** Narrows what came over the channel. */
export function isMessage(value: unknown): value is Message {
  const kind = fieldOf(value, 'kind')
  if (typeof kind !== 'string' || !Object.hasOwn(fields, kind)) return false
  const wanted = Object.entries(Reflect.get(fields, kind) as { readonly [field: string]: string })
  return wanted.every(([field, type]) => typeof fieldOf(value, field) === type)
}

/** A member of a value that may be anything. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}
