// An action entry in parts, as bytes and back.
import type { ActionDocument } from '../../engine/action/index.ts'
import type { Decision } from '../../engine/decision/index.ts'
import { modes, type Part, type PartedAction, type SaidParts } from './action-parts.ts'
import type { ByteSink } from './byte-sink.ts'
import type { RecordedAction } from './entry.ts'
import { RecordingError } from './error.ts'

/** Bits of the first two bytes: two for how each part stands, and one each for what need not be there. */
const bits = { action: 0, text: 2, decision: 4, settings: 6, restart: 8, hasText: 9, hasParameters: 10 } as const
const idBytesMax = 255

/** Writes an action in parts. False, and nothing is written, where parts cannot say it. */
export function writeParted(sink: ByteSink, said: SaidParts, document: ActionDocument, decision: Decision): boolean {
  if (decision.id.length * 3 > idBytesMax) return false
  const parted = said.parted(document, decision)
  if (parted === undefined) return false
  const { action, text, decision: terms, settings, parameters } = parted
  sink.u16(flagsOf(parted))
  writePart(sink, action)
  if (text !== undefined) writePart(sink, text)
  writePart(sink, terms)
  writePart(sink, settings)
  if (parameters !== undefined) sink.longText(parameters)
  const { usage } = document.session
  sink.f64(usage.actions)
  sink.f64(usage.rows)
  sink.f64(usage.bytes)
  sink.f64(usage.affected)
  sink.f64(usage.denied)
  sink.f64(decision.cost.micros)
  sink.f64(decision.cost.fuel)
  sink.f64(parted.timeMs)
  // The id is what is left.
  sink.text(decision.id)
  return true
}

function flagsOf({ action, text, decision, settings, restart, parameters }: PartedAction): number {
  return (
    (action.mode << bits.action) |
    ((text?.mode ?? 0) << bits.text) |
    (decision.mode << bits.decision) |
    (settings.mode << bits.settings) |
    (restart ? 1 << bits.restart : 0) |
    (text === undefined ? 0 : 1 << bits.hasText) |
    (parameters === undefined ? 0 : 1 << bits.hasParameters)
  )
}

function writePart(sink: ByteSink, { mode, number, text }: Part): void {
  if (mode === modes.number) sink.u32(number)
  else sink.longText(text)
}

/** What was said in a segment so far, for whoever reads it from its beginning. */
export class HeardParts {
  #said: Said[] = []

  /** An action in parts. Throws RecordingError for what nobody wrote. */
  action(body: Buffer): RecordedAction {
    const cursor = new Cursor(body)
    const flags = cursor.u16()
    if (hasBit(flags, bits.restart)) this.#said = []
    const action = objectOf(this.#part(cursor, flags >> bits.action))
    const text = hasBit(flags, bits.hasText) ? this.#part(cursor, flags >> bits.text).text : undefined
    const decision = objectOf(this.#part(cursor, flags >> bits.decision))
    const settings = objectOf(this.#part(cursor, flags >> bits.settings))
    const parameters: unknown = hasBit(flags, bits.hasParameters) ? parsed(cursor.longText()) : []
    const usage = {
      actions: cursor.f64(),
      rows: cursor.f64(),
      bytes: cursor.f64(),
      affected: cursor.f64(),
      denied: cursor.f64(),
    }
    const cost = { micros: cursor.f64(), fuel: cursor.f64() }
    const time = timeText(cursor.f64())
    const id = cursor.rest()
    const { state, context } = settings
    // Whoever asks for it looks at its shape.
    return {
      kind: 'action',
      action: text === undefined ? action : withText(action, text, parameters),
      session: { state, usage },
      context: { time, ...Object(context) },
      decision: { id, cost, ...decision },
    } as RecordedAction
  }

  #part(cursor: Cursor, flags: number): Said {
    const mode = flags & 3
    if (mode === modes.number) {
      const said = this.#said[cursor.u32()]
      if (said === undefined) throw new RecordingError('damaged', 'an action refers to what was not said')
      return said
    }
    const said: Said = { text: cursor.longText(), value: undefined }
    if (mode === modes.kept) this.#said.push(said)
    return said
  }
}

interface Said {
  readonly text: string
  /** Parsed when it is first asked for, and shared by all that refer to it. */
  value: Record<string, unknown> | undefined
}

function objectOf(said: Said): Record<string, unknown> {
  const value: Record<string, unknown> = said.value ?? { ...Object(parsed(said.text)) }
  said.value = value
  return value
}

function withText(action: Record<string, unknown>, text: string, parameters: unknown): object {
  const { sql, ...others } = action
  const { statements, ...facts } = Object(sql)
  const [first] = Array.isArray(statements) ? statements : []
  const { text: place, ...statement } = Object(first)
  const { before, after } = Object(place)
  const own = text.slice(before, text.length - after)
  return { ...others, text, sql: { statements: [{ ...statement, text: own }], parameters, ...facts } }
}

function timeText(ms: number): string {
  const time = new Date(ms)
  if (Number.isNaN(time.getTime())) throw new RecordingError('damaged', 'an action has no time')
  return time.toISOString()
}

function hasBit(flags: number, bit: number): boolean {
  return (flags & (1 << bit)) !== 0
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new RecordingError('damaged', 'a part of an action is not JSON', { cause })
  }
}

/** Reads from the front. Throws RecordingError where bytes are missing. */
class Cursor {
  readonly #body: Buffer
  #at = 0

  constructor(body: Buffer) {
    this.#body = body
  }

  u16(): number {
    return this.#body.readUInt16BE(this.#take(2))
  }

  u32(): number {
    return this.#body.readUInt32BE(this.#take(4))
  }

  f64(): number {
    return this.#body.readDoubleBE(this.#take(8))
  }

  longText(): string {
    const length = this.u32()
    const at = this.#take(length)
    return this.#body.toString('utf8', at, at + length)
  }

  rest(): string {
    return this.#body.toString('utf8', this.#at)
  }

  #take(bytes: number): number {
    const at = this.#at
    if (at + bytes > this.#body.length) throw new RecordingError('damaged', 'an action entry is cut')
    this.#at = at + bytes
    return at
  }
}
