// `sallyport sessions`: lists, shows, plays, follows, searches, exports and verifies recordings.
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { loadConfig } from '../../proxy/config/index.ts'
import {
  fetchRecordings,
  folderOfSession,
  type KeyUnwrapper,
  listSessions,
  RecordingError,
  readEntries,
  recordedFolders,
  recordedSessions,
  sealedKeys,
  unfinishedSessions,
  unwrapAhead,
  unwrapperFromKey,
} from '../../proxy/recording/index.ts'
import { configNearby } from '../config/place.ts'
import { control, isControlVerb } from './control.ts'
import { exported, exportFormats } from './exports.ts'
import { type Place, placeOf } from './place.ts'
import { play, rowsDefault } from './play.ts'
import { search } from './search.ts'
import { SearchIndex } from './search-index.ts'
import { tail } from './tail.ts'
import { printable, shown } from './transcript.ts'
import { verify } from './verify.ts'
import { view } from './view.ts'
import type { Wanted } from './wanted.ts'

const usage = `usage: sallyport sessions list|show|play|tail|search|export|verify|fetch [--config FILE | --dir FOLDER] [options]

  list                    the sessions, one a line, the latest last; without the key that opens them only their ids
  show SESSION            what happened, one line an action
  play SESSION            a terminal as it was (--speed 2, --from SECONDS, --idle SECONDS), else what was asked, how it
                          was decided and what was answered (--rows 20 of each answer)
  tail SESSION            follows a session while it runs
  search                  actions by --subject, --chain, --resource, --rule, --relation, --command, --verb, --effect,
                          --since TIME, --until TIME (ISO 8601); keeps an index in the folder, --no-index does without
  export SESSION          every entry; --format jsonl (default), asciicast, ocsf, ecs; --fixtures for policy tests
  verify [SESSION]        proves that nothing was changed, dropped or cut;
                          --anchor FILE|URL (repeatable) adds heads kept elsewhere
  fetch [SESSION]         brings recordings from the object store of --config FILE into --dir FOLDER
  fetch SESSION --url URL brings one from a running gateway into --dir FOLDER, where its policy says so (\`may_view\`);
                          --token-file FILE (SALLYPORT_TOKEN) proves who asks

  live                    the sessions that run now
  end SESSION             ends one that runs; --reason TEXT
  hold SESSION            keeps a recording whatever retention says, until \`free SESSION\`; both --reason TEXT

  live, end, hold and free ask a running gateway: --url (SALLYPORT_ADMIN_URL), --token-file (SALLYPORT_ADMIN_TOKEN)
  --config FILE, -c   the gateway's configuration, else SALLYPORT_CONFIG, else sallyport.yaml in this folder: it says where
                      recordings and their keys are
  --dir FOLDER        a folder of recordings instead; then --open-key FILE opens what is sealed, --key FILE verifies

Exit 0 fine, 1 usage or unreadable, 2 something is wrong with a recording.
`

/** Runs `sallyport sessions`. */
export async function run(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage)
    return 0
  }
  try {
    return await runCommand(args)
  } catch (error) {
    const known = error instanceof RecordingError || (error instanceof TypeError && 'code' in error)
    if (!known) throw error
    process.stderr.write(`sallyport sessions: ${printable(error.message)}\n`)
    return 1
  }
}

const text = { type: 'string' } as const

function optionsOf(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      dir: text,
      config: { type: 'string', short: 'c' },
      key: text,
      'open-key': text,
      anchor: { type: 'string', multiple: true },
      format: text,
      fixtures: { type: 'boolean' },
      speed: text,
      from: text,
      idle: text,
      rows: text,
      subject: text,
      chain: text,
      resource: text,
      rule: text,
      relation: text,
      command: text,
      verb: text,
      effect: text,
      'no-index': { type: 'boolean' },
      since: text,
      until: text,
      reason: text,
      url: text,
      'token-file': text,
    },
    allowPositionals: true,
  })
}

type Values = ReturnType<typeof optionsOf>['values']

async function runCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = optionsOf(args)
  const [verb, session, ...surplus] = positionals
  if (surplus.length > 0 || (session !== undefined && (verb === 'list' || verb === 'search' || verb === 'live')))
    return wrong()
  const write = (out: string): void => void process.stdout.write(out)
  if (isControlVerb(verb)) {
    const { reason, url, 'token-file': tokenFile } = values
    return (await control({ verb, session, reason, url, tokenFile }, process.env, write)) ?? wrong()
  }
  if (verb === 'fetch' && values.url !== undefined && session !== undefined && values.dir !== undefined) {
    const { url, dir, 'token-file': file } = values
    const token = file === undefined ? process.env['SALLYPORT_TOKEN'] : readFileSync(file, 'utf8').trim()
    return view({ url, token, session, dir })
  }
  const place = placeOf({ ...values, openKey: values['open-key'] }, process.env)
  if (place === undefined || verb === undefined) return wrong()
  if (verb === 'fetch') return fetchFrom(values.config ?? configNearby(process.env), values.dir, session)
  if (!existsSync(place.dir)) throw new RecordingError('unreadable', `there is no folder ${place.dir}`)
  if (verb === 'verify')
    return place.checkKey === undefined
      ? wrong()
      : verify({ dir: place.dir, key: place.checkKey, session, anchors: values.anchor ?? [] }, write)
  const dir = session === undefined ? place.dir : folderOfSession(place.dir, session)
  const unwrapper = await unwrapperOf(place, session === undefined ? recordedSessions(dir) : [{ folder: dir, session }])
  switch (verb) {
    case 'list':
      for (const line of listed(place.dir, unwrapper)) write(`${printable(line)}\n`)
      return 0
    case 'search':
      for (const folder of recordedFolders(place.dir))
        for (const line of found({ ...place, dir: folder }, unwrapper, values)) write(`${line}\n`)
      return 0
  }
  if (session === undefined) return wrong()
  switch (verb) {
    case 'show':
      for (const entry of readEntries(dir, session, unwrapper)) {
        const line = shown(entry)
        if (line !== undefined) write(`${line}\n`)
      }
      return 0
    case 'play':
      await play(readEntries(dir, session, unwrapper), {
        speed: numberOf(values.speed, 'speed', 1),
        from: numberOf(values.from, 'from', 0),
        idle: numberOf(values.idle, 'idle', 5),
        rows: numberOf(values.rows, 'rows', rowsDefault),
        write: (out) => void process.stdout.write(out),
      })
      return 0
    case 'tail':
      await tail(dir, session, unwrapper, write)
      return 0
    case 'export': {
      const format = exportFormats.find(
        (one) => one === (values.fixtures === true ? 'fixtures' : (values.format ?? 'jsonl')),
      )
      if (format === undefined) throw usageError(`there is no format \`${values.format}\`: ${exportFormats.join(', ')}`)
      for (const piece of exported(session, readEntries(dir, session, unwrapper), format)) write(piece)
      return 0
    }
    default:
      return wrong()
  }
}

/** What a search finds. The index needs a key at hand; whom a key service serves looks through everything. */
function found(place: Place, unwrapper: KeyUnwrapper | undefined, values: Values): Iterable<string> {
  const wanted = wantedOf(values)
  if (values['no-index'] === true || place.keyService !== undefined) return search(place.dir, unwrapper, wanted)
  const index = new SearchIndex(place.dir, unwrapper, place.openKey)
  return search(place.dir, unwrapper, wanted, index.candidates(wanted))
}

/** What opens the sessions that are read. */
async function unwrapperOf(
  place: Place,
  sessions: ReturnType<typeof recordedSessions>,
): Promise<KeyUnwrapper | undefined> {
  const byKey = place.openKey === undefined ? undefined : unwrapperFromKey(place.openKey)
  if (place.keyService === undefined) return byKey
  const { keyServiceOf } = await import('../serve/recording.ts')
  const service = keyServiceOf(place.keyService)
  const byService = await unwrapAhead(
    service,
    sessions.flatMap(({ folder, session }) => [...sealedKeys(folder, [session])]),
  )
  return { unwrap: (id, wrapped) => (id === service.id ? byService : (byKey ?? byService)).unwrap(id, wrapped) }
}

async function fetchFrom(
  file: string | undefined,
  dir: string | undefined,
  session: string | undefined,
): Promise<number> {
  if (file === undefined || dir === undefined) return wrong()
  const loaded = loadConfig(file, process.env)
  if (!loaded.ok) throw usageError(`${file} has mistakes; \`sallyport config check\` says which`)
  if (loaded.config.recording.store.kind === 'folder')
    throw usageError(`${file} keeps recordings in a folder, which the other commands read as it is`)
  const { recordingStoreOf } = await import('../serve/recording.ts')
  await fetchRecordings(recordingStoreOf(loaded.config), dir, session)
  if (session === undefined) tellAwaited(dir)
  return 0
}

/** What the log says is not over may be on its way to the store: then its absence is nobody's doing, so far. */
function tellAwaited(dir: string): void {
  const present = new Set(listSessions(dir))
  const awaited = unfinishedSessions(dir).filter((one) => !present.has(one))
  if (awaited.length === 0) return
  const names = awaited.slice(0, awaitedShownMax).map((one) => `  ${printable(one)}\n`)
  process.stderr.write(
    `${awaited.length} sessions that have no end in the log are not in the store yet; \`verify\` calls them missing. Where their
gateway runs, their segments come when they close, at the latest after \`upload\`: fetch again then.
${names.join('')}${awaited.length > names.length ? '  ...\n' : ''}`,
  )
}

/** Sessions that are named when more are not there. */
const awaitedShownMax = 10

function usageError(message: string): RecordingError {
  return new RecordingError('unreadable', message)
}

function numberOf(value: string | undefined, name: string, otherwise: number): number {
  if (value === undefined) return otherwise
  const number = Number(value)
  if (!Number.isFinite(number) || number < 0 || (name === 'speed' && number === 0))
    throw usageError(`\`--${name}\` is a number from 0`)
  return number
}

function wantedOf({ subject, chain, resource, rule, relation, command, verb, effect, since, until }: Values): Wanted {
  const sinceMs = timeOf(since, 'since')
  const untilMs = timeOf(until, 'until')
  return {
    ...(subject === undefined ? {} : { subject }),
    ...(chain === undefined ? {} : { chain }),
    ...(resource === undefined ? {} : { resource }),
    ...(rule === undefined ? {} : { rule }),
    ...(relation === undefined ? {} : { relation }),
    ...(command === undefined ? {} : { command }),
    ...(verb === undefined ? {} : { verb }),
    ...(effect === undefined ? {} : { effect }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
  }
}

function timeOf(value: string | undefined, name: string): number | undefined {
  if (value === undefined) return undefined
  const time = Date.parse(value)
  if (Number.isNaN(time)) throw usageError(`\`--${name}\` is no time such as 2026-01-05T10:00:00Z`)
  return time
}

function wrong(): number {
  process.stderr.write(usage)
  return 1
}

/** A line for each session; with the key that opens them, who and what, in the order in which they began. */
function listed(dir: string, unwrapper: KeyUnwrapper | undefined): readonly string[] {
  const all = recordedSessions(dir)
  if (unwrapper === undefined) return all.map(({ session }) => session)
  const sessions = all.map(({ folder, session: id }) => ({ id, ...summary(folder, id, unwrapper) }))
  sessions.sort((a, b) => a.startedMs - b.startedMs || (a.id < b.id ? -1 : 1))
  return sessions.map(({ id, startedMs, who, actions, refused, unreadable }) => {
    if (unreadable !== undefined) return `${id}  cannot be read: ${unreadable}`
    const from = startedMs === 0 ? '' : `  from ${new Date(startedMs).toISOString()}`
    return `${id}  ${who}  ${actions} ${actions === 1 ? 'action' : 'actions'}, ${refused} refused${from}`
  })
}

interface Summary {
  readonly who: string
  readonly actions: number
  readonly refused: number
  /** 0 where nothing of the session was kept yet. */
  readonly startedMs: number
  /** Why it cannot be read; the others are listed all the same. */
  readonly unreadable?: string
}

function summary(dir: string, id: string, unwrapper: KeyUnwrapper): Summary {
  let who = ''
  let actions = 0
  let refused = 0
  let startedMs = 0
  try {
    for (const { entry, wallMs } of readEntries(dir, id, unwrapper)) {
      if (startedMs === 0) startedMs = wallMs
      if (entry.kind === 'opened') who = `${entry.identity.subject} on ${entry.resource.name}`
      if (entry.kind !== 'action') continue
      actions++
      if (entry.decision.effect === 'deny') refused++
    }
  } catch (error) {
    if (!(error instanceof RecordingError) || error.code === 'wrong_key') throw error
    return { who, actions, refused, startedMs, unreadable: error.message }
  }
  return { who, actions, refused, startedMs }
}
