// A session in the forms that other tools read: JSON Lines, asciicast v3, OCSF, ECS, and fixtures for policy tests.
import { stringify } from 'yaml'
import {
  documentOf,
  type RecordedAction,
  type RecordedIdentity,
  type StoredEntry,
} from '../../proxy/recording/index.ts'

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
      for (const judged of actionsOf(entries)) yield `${JSON.stringify(make(session, judged))}\n`
      return
    }
    case 'fixtures': {
      const cases = [...actionsOf(entries)].map((judged) => fixture(session, judged))
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

/** An action with who did it, and when. */
interface Judged {
  readonly identity: RecordedIdentity
  readonly recorded: RecordedAction
  readonly wallMs: number
  readonly sequence: number
}

function* actionsOf(entries: Iterable<StoredEntry>): Generator<Judged> {
  let identity: RecordedIdentity | undefined
  for (const { entry, wallMs, sequence } of entries) {
    if (entry.kind === 'identity') identity = entry
    if (entry.kind === 'action' && identity !== undefined) yield { identity, recorded: entry, wallMs, sequence }
  }
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

const ocsfVersion = '1.3.0'
const ocsfActivities: Readonly<Record<string, number>> = { read: 2, write: 3, define: 3, transfer: 2 }

/** OCSF: Authorize Session for what opens one, Datastore Activity for databases, API Activity for all else. */
function ocsfEvent(session: string, { identity, recorded, wallMs, sequence }: Judged): object {
  const { action, decision } = recorded
  const { identity: who, resource } = identity
  const [category, classOf] =
    action.verb === 'connect' ? [3, 3003] : resource.protocol === 'postgres' ? [6, 6005] : [6, 6003]
  const activity = action.verb === 'connect' ? 1 : (ocsfActivities[action.verb] ?? 99)
  const allowed = decision.effect === 'allow'
  return {
    category_uid: category,
    class_uid: classOf,
    activity_id: activity,
    type_uid: classOf * 100 + activity,
    time: Math.round(wallMs),
    severity_id: allowed ? 1 : 3,
    status_id: allowed ? 1 : 2,
    status_detail: decision.rules.join(', '),
    disposition_id: allowed ? 1 : 2,
    metadata: {
      version: ocsfVersion,
      uid: decision.id,
      sequence,
      product: { name: 'Sallyport', vendor_name: 'Sallyport' },
    },
    actor: {
      user: { uid: who.subject, type: who.kind, groups: who.groups.map((name) => ({ name })) },
      session: { uid: session, issuer: who.issuer },
      invoked_by: who.chain.map(({ subject }) => subject).join(' > '),
    },
    src_endpoint: { ip: identity.session.client.address },
    api: { operation: action.operation, request: { uid: decision.id } },
    resources: [{ name: resource.name, type: resource.protocol, labels: labelsOf(resource.labels) }],
    message: action.text,
  }
}

/** ECS, one document an action. */
function ecsEvent(session: string, { identity, recorded, wallMs, sequence }: Judged): object {
  const { action, decision } = recorded
  const { identity: who, resource } = identity
  return {
    '@timestamp': new Date(wallMs).toISOString(),
    ecs: { version: '8.11.0' },
    event: {
      id: decision.id,
      kind: 'event',
      category: [resource.protocol === 'postgres' ? 'database' : resource.protocol === 'ssh' ? 'process' : 'api'],
      type: [decision.effect === 'allow' ? 'allowed' : 'denied'],
      action: action.operation,
      outcome: decision.effect === 'allow' ? 'success' : 'failure',
      sequence,
    },
    user: { id: who.subject, group: { name: who.groups }, roles: who.scopes },
    source: { address: identity.session.client.address },
    service: { name: resource.name, type: resource.protocol },
    rule: { name: decision.rules.join(', '), version: decision.bundle.revision },
    related: { user: [who.subject, ...who.chain.map(({ subject }) => subject)] },
    labels: { session, ...resource.labels },
    message: action.text,
  }
}

function labelsOf(labels: { readonly [name: string]: string }): readonly string[] {
  return Object.entries(labels).map(([name, value]) => `${name}:${value}`)
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
