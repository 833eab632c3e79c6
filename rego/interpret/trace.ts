// A trace of an evaluation: functions entered and left, expressions evaluated and failed, notes.
import type { SourcePlace } from '../builtins/contract.ts'
import type { Func, Policy, Stmt } from '../ir/index.ts'
import { type Value, writeRego } from '../value/index.ts'
import type { Observer } from './evaluation.ts'

/** How many events a trace keeps; what comes after is counted only. */
export const TRACE_EVENTS_MAX = 100_000

/** What happened. */
export type TraceOp = 'enter' | 'exit' | 'eval' | 'fail' | 'note'

/** One event of a trace. */
export interface TraceEvent {
  readonly op: TraceOp
  /** How many functions enclose it. */
  readonly depth: number
  readonly place: SourcePlace
  /** The function, the note, or for an exit the value. */
  readonly text: string
}

/** Which events a printed trace shows: all, only notes, or only failures (each with the function it is in) and notes. */
export type TraceMode = 'full' | 'notes' | 'fails'

/** Collects the trace of one evaluation. Give `observer` and `note` to the evaluation. */
export class Trace {
  readonly events: TraceEvent[] = []
  /** How many events were not kept. */
  dropped = 0
  readonly observer: Observer
  readonly #policy: Policy
  #depth = 0
  /** The row of the expression that runs, for each function that runs. */
  readonly #rows: string[] = ['']

  constructor(policy: Policy) {
    this.#policy = policy
    this.observer = {
      enter: (func) => {
        this.#add('enter', this.#placeOf(func), func.name)
        this.#depth++
        this.#rows.push('')
      },
      exit: (func, value) => {
        this.#depth--
        this.#rows.pop()
        this.#add('exit', this.#placeOf(func), shown(func.name, value))
      },
      statement: (stmt) => this.#statement(stmt),
      failed: (stmt) => {
        if (stmt.kind !== 'IsDefinedStmt' && stmt.kind !== 'IsUndefinedStmt') this.#add('fail', this.#place(stmt), '')
      },
    }
  }

  /** Takes a note of `trace`. */
  readonly note = (message: string, place: SourcePlace): void => this.#add('note', place, message)

  #statement(stmt: Stmt): void {
    const row = `${stmt.file}:${stmt.row}`
    if (stmt.row === 0 || this.#rows.at(-1) === row) return
    this.#rows[this.#rows.length - 1] = row
    this.#add('eval', this.#place(stmt), '')
  }

  #place(stmt: Stmt): SourcePlace {
    return { file: this.#policy.files[stmt.file] ?? '', row: stmt.row, col: stmt.col }
  }

  #placeOf(func: Func): SourcePlace {
    const [first] = func.blocks[0]?.stmts ?? []
    return first === undefined ? { file: '', row: 0, col: 0 } : this.#place(first)
  }

  #add(op: TraceOp, place: SourcePlace, text: string): void {
    if (this.events.length >= TRACE_EVENTS_MAX) this.dropped++
    else this.events.push({ op, depth: this.#depth, place, text })
  }
}

const SHOWN_MAX = 120

function shown(name: string, value: Value | undefined): string {
  const text = value === undefined ? 'undefined' : writeRego(value)
  return `${name} = ${text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text}`
}

/** Prints a trace, a line an event: place, depth, what, and the source line where `source` knows it. */
export function printTrace(
  trace: Trace,
  mode: TraceMode = 'full',
  source: (file: string, row: number) => string | undefined = () => undefined,
): string {
  const lines: string[] = []
  const kept = trace.events.filter((event) => {
    if (event.op === 'note' || mode === 'full') return true
    return mode === 'fails' && event.op === 'fail'
  })
  const width = Math.max(0, ...kept.map(({ place }) => placeText(place).length))
  for (const event of kept) {
    const text = event.text !== '' ? event.text : (source(event.place.file, event.place.row)?.trim() ?? '')
    const indent = '| '.repeat(event.depth)
    lines.push(`${placeText(event.place).padEnd(width)} ${indent}${NAMES[event.op]} ${text}`.trimEnd())
  }
  if (trace.dropped > 0) lines.push(`... and ${trace.dropped} more events`)
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

const NAMES: Readonly<Record<TraceOp, string>> = {
  enter: 'Enter',
  exit: 'Exit',
  eval: 'Eval',
  fail: 'Fail',
  note: 'Note',
}

function placeText(place: SourcePlace): string {
  return place.row === 0 ? 'query' : `${place.file}:${place.row}`
}
