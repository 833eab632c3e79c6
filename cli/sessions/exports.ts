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

const columnsDefault = 80
const rowsDefault = 24

/** asciicast v3: a header, then `[seconds since the event before, kind, text]`. Resizes before any output set the size. */
function* asciicast(entries: Iterable<StoredEntry>): Generator<string> {
  const decoder = new TextDecoder()
  let size = { cols: columnsDefault, rows: rowsDefault }
  let before: number | undefined
  for (const { entry, monotonicMs, wallMs } of entries) {
    if (entry.kind === 'resize' && before === undefined) size = { cols: entry.columns, rows: entry.rows }
    if (entry.kind !== 'terminal' && !(entry.kind === 'resize' && before !== undefined)) continue
    if (entry.kind === 'terminal' && entry.stream !== 'output') continue
    if (before === undefined) {
      yield `${JSON.stringify({ version: 3, term: size, timestamp: Math.floor(wallMs / 1000) })}\n`
      before = monotonicMs
    }
    const since = Number(((monotonicMs - before) / 1000).toFixed(6))
    before = monotonicMs
    if (entry.kind === 'resize') yield `${JSON.stringify([since, 'r', `${entry.columns}x${entry.rows}`])}\n`
    else if (entry.kind === 'terminal')
      yield `${JSON.stringify([since, 'o', decoder.decode(entry.bytes, { stream: true })])}\n`
  }
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
