// What the processes of one gateway tell and ask each other, by way of the parent that started them. A gateway of one
// process is alone: nobody hears it, and nobody answers.
import cluster from 'node:cluster'
import { randomBytes } from 'node:crypto'
import { url as inspectorUrl } from 'node:inspector'
import { unreachable } from '../../../rego/unreachable.ts'
import { isMessage, type Message, processVariable } from './message.ts'

/** What is told: a change of the store, groups of a party, tools of an API, a cancellation. */
export type Told = 'change' | 'groups' | 'tools' | 'cancel'
/** What is asked for: sessions, their ends, what becomes of recordings, metrics, how a process stands, known groups. */
export type Asked = 'sessions' | 'end' | 'keep' | 'viewed' | 'metrics' | 'standing' | 'groups'

/** An answer of another process. */
export interface PeerAnswer {
  readonly process: number
  readonly body: unknown
}

/** The other processes of this gateway. */
export interface Peers {
  /** Which one this is, from 1. */
  readonly process: number
  /** How many there are. */
  readonly processes: number
  /** Secret bytes that all processes of this run have, and nobody else. */
  readonly seed: Buffer
  /** Tells all others; what is told says nothing of whether it was heard. */
  tell(topic: Told, body: unknown): void
  /** Calls back for what others tell; the answer ends it. */
  heard(topic: Told, callback: (body: unknown) => void): () => void
  /** Asks all others that are up: what those answered that could, in the order of processes. Never rejects. */
  ask(topic: Asked, body?: unknown): Promise<readonly PeerAnswer[]>
  /** Answers what others ask; undefined, and whatever is thrown, is no answer. */
  answer(topic: Asked, answer: (body: unknown) => unknown): void
}

/** A gateway of one process. */
export function alone(): Peers {
  return {
    process: 1,
    processes: 1,
    seed: randomBytes(32),
    tell: () => undefined,
    heard: () => () => undefined,
    ask: () => Promise.resolve([]),
    answer: () => undefined,
  }
}

/** Whether this process was started by the parent of a gateway with several. */
export function isOneOfSeveral(environment: NodeJS.ProcessEnv): boolean {
  return cluster.isWorker && environment[processVariable] !== undefined
}

/** What the parent has of this process besides: it hears how starting went, and says when to end. */
export interface Parent {
  readonly peers: Peers
  ready(): void
  failed(message: string): void
  /** Resolves when the parent says that it is time. */
  readonly ending: Promise<void>
}

/** Joins the processes of the gateway. */
export async function joinParent(): Promise<Parent> {
  const hears = new Map<string, Set<(body: unknown) => void>>()
  const answers = new Map<string, (body: unknown) => unknown>()
  const waiting = new Map<number, (answers: readonly PeerAnswer[]) => void>()
  let asked = 0
  const send = (message: Message): void => {
    // A parent that is gone ends this process anyway.
    if (process.connected) process.send?.(message)
  }
  let end = (): void => undefined
  const ending = new Promise<void>((done) => {
    end = done
  })
  const begun = await new Promise<Extract<Message, { kind: 'begin' }>>((done) => {
    process.on('message', (message: unknown) => {
      if (!isMessage(message)) return
      switch (message.kind) {
        case 'begin':
          done(message)
          return
        case 'tell':
          for (const hear of hears.get(message.topic) ?? []) hear(message.body)
          return
        case 'ask':
          Promise.resolve()
            .then(() => answers.get(message.topic)?.(message.body))
            .then((body) => send({ kind: 'answer', id: message.id, body }))
            .catch(() => send({ kind: 'answer', id: message.id, body: undefined }))
          return
        case 'answers':
          waiting.get(message.id)?.(message.answers)
          waiting.delete(message.id)
          return
        case 'end':
          end()
          return
        case 'runs?':
          send({ kind: 'runs', isDebugged: inspectorUrl() !== undefined })
          return
        // Only processes say these.
        case 'runs':
        case 'joined':
        case 'ready':
        case 'failed':
        case 'answer':
          return
        default:
          unreachable(message)
      }
    })
    send({ kind: 'joined' })
  })
  return {
    ready: () => send({ kind: 'ready' }),
    failed: (message) => send({ kind: 'failed', message }),
    ending,
    peers: {
      process: begun.process,
      processes: begun.processes,
      seed: Buffer.from(begun.seed, 'base64'),
      tell: (topic, body) => send({ kind: 'tell', topic, body }),
      heard: (topic, callback) => {
        const all = hears.get(topic) ?? new Set()
        hears.set(topic, all.add(callback))
        return () => all.delete(callback)
      },
      ask: (topic, body) =>
        new Promise((done) => {
          const id = ++asked
          waiting.set(id, done)
          send({ kind: 'ask', id, topic, body })
        }),
      answer: (topic, answer) => {
        answers.set(topic, answer)
      },
    },
  }
}
