// Buttons in chat: callbacks of Slack's kind, verified by the signing secret (v0), at most five minutes old, each taken
// once, and mapped to a person whom the configuration names.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Approver } from '../../engine/approval/index.ts'

/** Somebody in a chat who is somebody here. */
export interface ChatPerson extends Approver {
  /** The user's id there: `U024BE7LH`. */
  readonly user: string
  /** The workspace's id; absent means any that has the signing secret. */
  readonly team?: string
}

/** How callbacks are verified, and who presses. */
export interface ChatCallbacks {
  readonly signingSecret: () => Promise<string>
  readonly people: readonly ChatPerson[]
}

/** A press of a button that was verified. */
export interface Pressed {
  readonly by: ChatPerson
  readonly verdict: 'approve' | 'deny'
  readonly hold: string
  /** Digest of the statement that the message showed. */
  readonly statement: string
  /** Where the chat wants to be told what came of it; empty for nowhere. */
  readonly respondTo: string
}

/** Why a callback is not taken. */
export class ChatError extends Error {
  readonly code: 'signature' | 'stale' | 'replayed' | 'malformed' | 'unknown_person'
  constructor(code: ChatError['code'], message: string) {
    super(message)
    this.name = 'ChatError'
    this.code = code
  }
}

const windowSeconds = 300
/** The button ids. */
export const approveAction = 'sallyport.approve'
export const denyAction = 'sallyport.deny'

/** Slack's signature of a request: `v0=` and HMAC-SHA-256 over version, time and body. */
export function signCallback(secret: string, stamp: string, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex')}`
}

/** What callbacks are verified with. */
export interface ChatParts {
  readonly callbacks: () => ChatCallbacks | undefined
  readonly nowMs: () => number
  /** Takes a name that counts once, wherever it comes; false when it was taken before. */
  readonly useOnce: (name: string, untilMs: number) => Promise<boolean>
}

/** Verifies callbacks. */
export class Chat {
  readonly #callbacks: () => ChatCallbacks | undefined
  readonly #nowMs: () => number
  readonly #useOnce: ChatParts['useOnce']

  constructor({ callbacks, nowMs, useOnce }: ChatParts) {
    this.#callbacks = callbacks
    this.#nowMs = nowMs
    this.#useOnce = useOnce
  }

  /** What was pressed, by whom. Rejects with ChatError; undefined where no chat is configured. */
  async verify(stamp: string, signature: string, body: string): Promise<Pressed | undefined> {
    const callbacks = this.#callbacks()
    if (callbacks === undefined) return undefined
    const nowSeconds = Math.floor(this.#nowMs() / 1000)
    if (!/^\d{1,12}$/.test(stamp) || Math.abs(nowSeconds - Number(stamp)) > windowSeconds)
      throw new ChatError('stale', 'the callback is not of the last five minutes')
    if (!same(signature, signCallback(await callbacks.signingSecret(), stamp, body)))
      throw new ChatError('signature', 'the callback is not signed with the signing secret')
    // A store that cannot say so lets nobody answer.
    if (!(await this.#useOnce(`chat ${signature}`, (nowSeconds + 2 * windowSeconds) * 1000)))
      throw new ChatError('replayed', 'the callback was taken already')
    return pressedOf(body, callbacks.people)
  }
}

function same(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}

function pressedOf(body: string, people: readonly ChatPerson[]): Pressed {
  const payload = parsed(new URLSearchParams(body).get('payload') ?? '')
  const [action, ...more] = listIn(payload, 'actions')
  const name = textIn(action, 'action_id')
  const verdict = name === approveAction ? 'approve' : name === denyAction ? 'deny' : undefined
  if (textIn(payload, 'type') !== 'block_actions' || verdict === undefined || more.length > 0)
    throw new ChatError('malformed', 'the callback is not of one of our buttons')
  const value = parsed(textIn(action, 'value'))
  const [hold, statement] = [textIn(value, 'hold'), textIn(value, 'digest')]
  const user = fieldIn(payload, 'user')
  const [id, team] = [textIn(user, 'id'), textIn(user, 'team_id') || textIn(fieldIn(payload, 'team'), 'id')]
  if (hold === '' || statement === '' || id === '') throw new ChatError('malformed', 'the callback names no hold')
  const by = people.find((one) => one.user === id && (one.team === undefined || one.team === team))
  if (by === undefined) throw new ChatError('unknown_person', 'this user answers for nobody here')
  return { by, verdict, hold, statement, respondTo: textIn(payload, 'response_url') }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ChatError('malformed', 'the callback cannot be read')
  }
}

function fieldIn(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function textIn(value: unknown, name: string): string {
  const found = fieldIn(value, name)
  return typeof found === 'string' && found.length <= 2048 ? found : ''
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const found = fieldIn(value, name)
  return Array.isArray(found) ? found : []
}
