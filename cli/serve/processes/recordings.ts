// The recordings that one process of a gateway writes: its own, and in the first process also those of processes that run
// no more, so that what they left is ended, kept long enough and removed as before.
import { dirname } from 'node:path'
import type { Config } from '../../../proxy/config/index.ts'
import {
  beginProcessLog,
  folderOfSession,
  hasProcessLog,
  type LocalRecorder,
  nameProcessLogs,
  processFolder,
  processName,
  readLog,
  recordedProcesses,
} from '../../../proxy/recording/index.ts'
import type { Log } from '../../../proxy/telemetry/index.ts'
import { recorderOf, spoolOf, startRetention } from '../recording.ts'
import { fieldOf } from './message.ts'
import type { Peers } from './peers.ts'

/** Recordings under one log. */
export interface Recordings {
  readonly folder: string
  readonly recorder: LocalRecorder
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
  const own = await recorderOf(config, log, name(process))
  const all: Recordings[] = [{ folder: spoolOf(config), recorder: own }]
  const closers: (() => Promise<void>)[] = [startRetention(live, own, log)]
  const close = async (): Promise<void> => {
    for (const one of closers.splice(0).reverse()) await one()
    for (const { recorder } of all.splice(0).reverse()) await recorder.close()
  }
  const { store } = config.recording
  if (process !== 1 || store.kind !== 'folder') return { recorder: own, all, close }
  try {
    const of = (one: Config, other: number): Config => withFolder(one, processFolder(store.path, other))
    for (let other = 2; other <= processes; other++) {
      if (hasProcessLog(store.path, other)) continue
      const first = await recorderOf(of(config, other), log, name(other))
      beginProcessLog((leaf) => first.tell(leaf))
      await first.close()
    }
    for (const other of recordedProcesses(store.path)) {
      if (other <= processes) continue
      const recorder = await recorderOf(of(config, other), log, name(other))
      all.push({ folder: processFolder(store.path, other), recorder })
      closers.push(startRetention(() => of(live(), other), recorder, log))
    }
    nameProcessLogs(store.path, (leaf) => own.tell(leaf))
    return { recorder: own, all, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The recordings of this process whose log knows a session. */
export function recordingsWith({ all }: Pick<OwnRecordings, 'all'>, session: string): Recordings | undefined {
  return all.find(({ folder }) => readLog(folder).lines.some(({ leaf }) => leaf.session === session))
}

/** What tells of views in the log that has the recording, here or in another process; false where none has it. */
export function viewsTold(own: OwnRecordings, peers: Peers): (session: string, reason: string) => Promise<boolean> {
  const tell = (session: string, reason: string): boolean => {
    const found = recordingsWith(own, session)
    found?.recorder.tell({ session, event: 'viewed', head: '', reason })
    return found !== undefined
  }
  peers.answer('viewed', (asked) => tell(String(fieldOf(asked, 'session')), String(fieldOf(asked, 'reason'))))
  return async (session, reason) =>
    tell(session, reason) || (await peers.ask('viewed', { session, reason })).some(({ body }) => body === true)
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
