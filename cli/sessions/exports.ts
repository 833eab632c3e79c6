// A session in the forms that other tools read: JSON Lines, asciicast v3, OCSF, ECS, and fixtures for policy tests.
import { stringify } from 'yaml'
import { documentOf, type StoredEntry } from '../../proxy/recording/index.ts'
import { ecsEvent } from './ecs.ts'
import { isDecision, type Judged, judgements } from './judgements.ts'
import { ocsfEvent } from './ocsf.ts'

/** The forms. */
export const exportFormats = ['jsonl', 'asciicast', 'ocsf', 'ecs', 'fixtures'] as const
/** One form. */
export type ExportFormat = (typeof exportFormats)[number]

/** The session in one form, piece by piece. */
export function* exported(session: string, entries: Iterable<StoredEntry>, format: ExportFormat): Generator<string> {
  switch (format) {
    case 'jsonl':
      for (const stored of entries) yield `${jsonLine(stored)}\n`
      return
    case 'asciicast':
      yield* asciicast(entries)
      return
    case 'ocsf':
    case 'ecs': {
      const make = format === 'ocsf' ? ocsfEvent : ecsEvent
      for (const judged of judgements(entries)) yield `${JSON.stringify(make(session, judged))}\n`
      return
    }
    case 'fixtures': {
      const cases = [...judgements(entries)].filter(isDecision).map((judged) => fixture(session, judged))
      yield cases.length === 0 ? '' : stringify(cases, { lineWidth: 0, aliasDuplicateObjects: false })
    }
  }
}

function jsonLine(stored: StoredEntry): string {
  const { entry, ...rest } = stored
  const plain =
    'bytes' in entry && entry.bytes instanceof Uint8Array
      ? { ...entry, bytes: Buffer.from(entry.bytes).toString('base64') }
      : entry
  return JSON.stringify({ ...rest, ...plain })
}

const sizeDefault = { cols: 80, rows: 24 }

/**
 * asciicast v3: a header, then `[seconds since the event before, kind, text]`. Resizes before any output set the size. Without
 * one there was no terminal, which would have begun each line at its left edge.
 */
function* asciicast(entries: Iterable<StoredEntry>): Generator<string> {
  const decoder = new TextDecoder()
  let size: { readonly cols: number; readonly rows: number } | undefined
  let before: number | undefined
  let isAfterReturn = false
  for (const { entry, monotonicMs, wallMs } of entries) {
    if (entry.kind === 'resize' && before === undefined) size = { cols: entry.columns, rows: entry.rows }
    if (entry.kind !== 'terminal' && !(entry.kind === 'resize' && before !== undefined)) continue
    if (entry.kind === 'terminal' && entry.stream !== 'output') continue
    if (before === undefined) {
      yield `${JSON.stringify({ version: 3, term: size ?? sizeDefault, timestamp: Math.floor(wallMs / 1000) })}\n`
      before = monotonicMs
    }
    const since = Number(((monotonicMs - before) / 1000).toFixed(6))
    before = monotonicMs
    if (entry.kind === 'resize') yield `${JSON.stringify([since, 'r', `${entry.columns}x${entry.rows}`])}\n`
    else if (entry.kind === 'terminal') {
      const text = decoder.decode(entry.bytes, { stream: true })
      yield `${JSON.stringify([since, 'o', size === undefined ? withReturns(text, isAfterReturn) : text])}\n`
      if (text !== '') isAfterReturn = text.endsWith('\r')
    }
  }
}

/** Text whose lines begin at the left edge; `isAfterReturn`: what came before it ended in a carriage return. */
function withReturns(text: string, isAfterReturn: boolean): string {
  const lines = text.split('\n')
  return lines
    .map((line, index) => {
      const isReturned = line === '' && index === 0 ? isAfterReturn : line.endsWith('\r')
      return index === lines.length - 1 || isReturned ? line : `${line}\r`
    })
    .join('\n')
}

/** A case for `sallyport policy test`: the whole document, and what was decided then. */
function fixture(session: string, { identity, recorded, sequence }: Judged): object {
  const { effect, rules } = recorded.decision
  const document = documentOf(identity, recorded)
  return {
    note: `${session} ${sequence}: ${recorded.action.operation}`,
    input: document,
    want: { effect, rules },
  }
}
