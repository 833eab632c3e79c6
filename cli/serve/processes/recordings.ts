// The recordings that one process of a gateway writes: its own, and in the first process also those of processes that run
// no more, so that what they left is ended, kept long enough and removed as before.
import { dirname, join } from 'node:path'
import { makeFolder } from '../../../bundles/store/make-folder.ts'
import type { Config } from '../../../proxy/config/index.ts'
import {
  beginProcessLog,
  folderOfSession,
  hasProcessLog,
  type Leaf,
  type LocalRecorder,
  leavesOf,
  nameProcessLogs,
  processFolder,
  processName,
  RecordingError,
  recordedProcesses,
} from '../../../proxy/recording/index.ts'
import { type TakenFile, takeFile } from '../../../proxy/storage/index.ts'
import { errorFields, type Log } from '../../../proxy/telemetry/index.ts'
import { recorderOf, spoolOf, startRetention } from '../recording.ts'
import { fieldOf } from './message.ts'
import type { Peers } from './peers.ts'

/** Recordings under one log. */
export interface Recordings {
  readonly folder: string
  readonly recorder: LocalRecorder
}

/** Recordings, and the hold on their folder: nobody else records into it meanwhile. */
interface OpenRecordings extends Recordings {
  close(): Promise<void>
}

/** What a process records into. */
export interface OwnRecordings {
  /** Takes what happens now. */
  readonly recorder: LocalRecorder
  /** Everything that this process writes. */
  readonly all: readonly Recordings[]
  close(): Promise<void>
}

/** Opens them. `config` is this process's part; `whole` has the folder of the first. */
export async function ownRecordings(
  config: Config,
  parts: { readonly live: () => Config; readonly peers: Peers; readonly log: Log },
): Promise<OwnRecordings> {
  const { live, log } = parts
  const { process, processes } = parts.peers
  const name = (one: number): string => processName(config.gateway.id, one)
  const open = (one: Config, of: number): Promise<OpenRecordings> => openRecordings(one, log, name(of))
  const mine = await open(config, process)
  const own = mine.recorder
  const all: OpenRecordings[] = [mine]
  const closers: (() => Promise<void>)[] = [startRetention(live, own, log)]
  const close = async (): Promise<void> => {
    for (const one of closers.splice(0).reverse()) await one()
    for (const one of all.splice(0).reverse()) await one.close()
  }
  const { store } = config.recording
  if (process !== 1 || store.kind !== 'folder') return { recorder: own, all, close }
  try {
    const of = (one: Config, other: number): Config => withFolder(one, processFolder(store.path, other))
    for (let other = 2; other <= processes; other++) {
      if (hasProcessLog(store.path, other)) continue
      const first = await open(of(config, other), other)
      beginProcessLog((leaf) => first.recorder.tell(leaf))
      await first.close()
    }
    for (const other of recordedProcesses(store.path)) {
      if (other <= processes) continue
      const left = await open(of(config, other), other)
      all.push(left)
      closers.push(startRetention(() => of(live(), other), left.recorder, log))
    }
    nameProcessLogs(store.path, (leaf) => own.tell(leaf))
    return { recorder: own, all, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Opens a recorder on a folder that nobody else records into: two would write one log, and one journal. */
async function openRecordings(config: Config, log: Log, name: string): Promise<OpenRecordings> {
  const folder = spoolOf(config)
  const held = holdFolder(folder, log)
  try {
    const recorder = await recorderOf(config, log, name)
    const close = async (): Promise<void> => {
      await recorder.close()
      held?.release()
    }
    return { folder, recorder, close }
  } catch (error) {
    held?.release()
    throw error
  }
}

/** Throws RecordingError where another process has the folder; undefined where its file system cannot say. */
function holdFolder(folder: string, log: Log): TakenFile | undefined {
  let held: TakenFile | undefined
  try {
    makeFolder(folder, 0o700)
    held = takeFile(join(folder, 'in-use'))
  } catch (error) {
    log.warn({ folder, ...errorFields(error) }, 'it cannot be known whether another gateway records here')
    return undefined
  }
  if (held === undefined)
    throw new RecordingError('unwritable', `another gateway records into ${folder}: each has a folder of its own`)
  return held
}

/** The recordings of this process whose log knows a session, and what it says of it. */
export async function recordingsWith(
  { all }: Pick<OwnRecordings, 'all'>,
  session: string,
): Promise<(Recordings & { readonly leaves: readonly Leaf[] }) | undefined> {
  for (const { folder, recorder } of all) {
    const leaves = await leavesOf(folder, session)
    if (leaves.length > 0) return { folder, recorder, leaves }
  }
  return undefined
}

/** What tells of views in the log that has the recording, here or in another process; false where none has it. */
export function viewsTold(own: OwnRecordings, peers: Peers): (session: string, reason: string) => Promise<boolean> {
  const tell = async (session: string, reason: string): Promise<boolean> => {
    const found = await recordingsWith(own, session)
    found?.recorder.tell({ session, event: 'viewed', head: '', reason })
    return found !== undefined
  }
  peers.answer('viewed', (asked) => tell(String(fieldOf(asked, 'session')), String(fieldOf(asked, 'reason'))))
  return async (session, reason) =>
    (await tell(session, reason)) || (await peers.ask('viewed', { session, reason })).some(({ body }) => body === true)
}

/** The folder that has a session's recording, whichever process of the gateway wrote it. */
export function recordingsFolderOf({ recording }: Config, { process }: Peers): (session: string) => string {
  const { store } = recording
  if (store.kind !== 'folder') return () => store.spool
  const whole = process === 1 ? store.path : dirname(store.path)
  return (session) => folderOfSession(whole, session)
}

function withFolder(config: Config, path: string): Config {
  const { recording } = config
  return recording.store.kind === 'folder'
    ? { ...config, recording: { ...recording, store: { ...recording.store, path } } }
    : config
}
