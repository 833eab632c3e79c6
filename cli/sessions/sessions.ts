// `sallyport sessions`: lists, shows, exports and verifies recordings.
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  checkerFromPem,
  isTreeHead,
  type KeyUnwrapper,
  listSessions,
  RecordingError,
  readEntries,
  type StoredEntry,
  type TreeHead,
  unwrapperFromKey,
  verifyRecordings,
} from '../../proxy/recording/index.ts'

const usage = `usage: sallyport sessions list|show|export|verify --dir FOLDER [options]

  list                          the sessions, one a line (--open-key to see who and what)
  show SESSION --open-key FILE  what happened, one line an action
  export SESSION --open-key FILE   every entry as JSON Lines
  verify --key FILE [SESSION]   proves that nothing was changed, dropped or cut; --anchor FILE adds heads kept elsewhere

Exit 0 fine, 1 usage or unreadable, 2 something is wrong with a recording.
`

/** Runs `sallyport sessions`. */
export function run(args: readonly string[]): Promise<number> {
  try {
    return Promise.resolve(runNow(args))
  } catch (error) {
    const known = error instanceof RecordingError || (error instanceof TypeError && 'code' in error)
    if (!known) throw error
    process.stderr.write(`sallyport sessions: ${error.message}\n`)
    return Promise.resolve(1)
  }
}

function runNow(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      dir: { type: 'string' },
      key: { type: 'string' },
      'open-key': { type: 'string' },
      anchor: { type: 'string' },
    },
    allowPositionals: true,
  })
  const [verb, session] = positionals
  const { dir } = values
  if (dir === undefined || verb === undefined) return wrong()
  if (!existsSync(dir)) throw new RecordingError('unreadable', `there is no folder ${dir}`)
  const unwrapper =
    values['open-key'] === undefined ? undefined : unwrapperFromKey(readFileSync(values['open-key'], 'utf8'))
  switch (verb) {
    case 'list':
      for (const id of listSessions(dir))
        process.stdout.write(`${id}${unwrapper === undefined ? '' : `  ${summary(dir, id, unwrapper)}`}\n`)
      return 0
    case 'show':
    case 'export':
      if (session === undefined) return wrong()
      for (const entry of readEntries(dir, session, unwrapper)) {
        const line = verb === 'export' ? exported(entry) : shown(entry)
        if (line !== undefined) process.stdout.write(`${line}\n`)
      }
      return 0
    case 'verify':
      if (values.key === undefined) return wrong()
      return verify(dir, values.key, session, values.anchor)
    default:
      return wrong()
  }
}

function wrong(): number {
  process.stderr.write(usage)
  return 1
}

function verify(dir: string, keyFile: string, session: string | undefined, anchorFile: string | undefined): number {
  const anchors: TreeHead[] = []
  for (const line of anchorFile === undefined ? [] : readFileSync(anchorFile, 'utf8').split('\n')) {
    if (line === '') continue
    const head: unknown = JSON.parse(line)
    if (isTreeHead(head)) anchors.push(head)
  }
  const report = verifyRecordings(dir, checkerFromPem(readFileSync(keyFile, 'utf8')), {
    anchors,
    ...(session === undefined ? {} : { session }),
  })
  for (const { session: id, what, where } of report.findings)
    process.stdout.write(`${id === '' ? 'log' : id}: ${what}: ${where}\n`)
  process.stdout.write(
    `${report.sessions} sessions, ${report.entries} entries, ${report.bytes} bytes: ${report.whole ? 'whole' : 'NOT whole'}\n`,
  )
  return report.whole ? 0 : 2
}

function summary(dir: string, id: string, unwrapper: KeyUnwrapper): string {
  let who = ''
  let actions = 0
  let refused = 0
  for (const { entry } of readEntries(dir, id, unwrapper)) {
    if (entry.kind === 'opened') who = `${entry.identity.subject} on ${entry.resource.name}`
    if (entry.kind !== 'action') continue
    actions++
    if (entry.decision.effect === 'deny') refused++
  }
  return `${who}  ${actions} actions, ${refused} refused`
}

function shown(stored: StoredEntry): string | undefined {
  const { entry, wallMs } = stored
  const time = new Date(wallMs).toISOString().slice(11, 23)
  switch (entry.kind) {
    case 'opened':
      return `${time} opened   ${entry.identity.subject} on ${entry.resource.name} from ${entry.client}`
    case 'action': {
      const rules = entry.decision.effect === 'allow' ? '' : ` (${entry.decision.rules.join(', ')})`
      return `${time} ${entry.decision.effect.padEnd(8)} ${entry.action.verb} ${visible(entry.action.text)}${rules}`
    }
    case 'hold':
      return `${time} hold     ${entry.holdId} ${entry.event} ${entry.detail}`
    case 'rows':
      return `${time} rows     ${entry.rows}`
    case 'budget':
      return `${time} budget   ${entry.budget} over ${entry.limit}`
    case 'closed':
      return `${time} closed   ${entry.reason}`
    default:
      return undefined
  }
}

/** Text with its control characters made visible: a recording must not write to the terminal that shows it. */
function visible(text: string): string {
  let out = ''
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    out +=
      code < 32 || (code >= 127 && code < 160) || (code >= 0x2028 && code <= 0x202e)
        ? `\\u{${code.toString(16)}}`
        : character
  }
  return out.length > 500 ? `${out.slice(0, 500)}...` : out
}

function exported(stored: StoredEntry): string {
  const { entry, ...rest } = stored
  const plain =
    'bytes' in entry && entry.bytes instanceof Uint8Array
      ? { ...entry, bytes: Buffer.from(entry.bytes).toString('base64') }
      : entry
  return JSON.stringify({ ...rest, ...plain })
}
