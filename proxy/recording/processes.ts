// Recordings of a gateway with several processes: each has a folder with a log of its own, below that of the first, whose
// log names the others. So no two write one file, and a log that is taken away is missed.
import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { listSessions } from './read.ts'
import { type Leaf, leavesRead, type ReadLog, readLog } from './session-log.ts'

const folderPrefix = 'process-'

/** The folder of one process, from 1. */
export function processFolder(folder: string, process: number): string {
  return process === 1 ? folder : join(folder, `${folderPrefix}${process}`)
}

/** The name under which a process signs: heads of its log are told from those of others by it. */
export function processName(gateway: string, process: number): string {
  return process === 1 ? gateway : `${gateway}#${process}`
}

/** The numbers of the processes that have recordings here, the first process always among them. */
export function recordedProcesses(folder: string): readonly number[] {
  const others = existsSync(folder) ? readdirSync(folder) : []
  const numbers = others.flatMap((name) => {
    const number = name.startsWith(folderPrefix) ? Number(name.slice(folderPrefix.length)) : Number.NaN
    return Number.isSafeInteger(number) && number > 1 && name === `${folderPrefix}${number}` ? [number] : []
  })
  return [1, ...numbers.toSorted((a, b) => a - b)]
}

/** The folders of all processes that have recordings here. */
export function recordedFolders(folder: string): readonly string[] {
  return recordedProcesses(folder).map((process) => processFolder(folder, process))
}

/** Every session that is recorded here, whichever process recorded it. */
export function recordedSessions(folder: string): readonly { readonly folder: string; readonly session: string }[] {
  return recordedFolders(folder).flatMap((one) => listSessions(one).map((session) => ({ folder: one, session })))
}

/** The folder that has a session; the first process's where none has it. */
export function folderOfSession(folder: string, session: string): string {
  return recordedFolders(folder).find((one) => existsSync(join(one, 'sessions', session))) ?? folder
}

/** How the log of a process other than the first says that it is one. */
const ownLog = ''

/** Begins the log of a process other than the first, so that a log without a line is one that was cut. */
export function beginProcessLog(tell: Tell): void {
  tell({ session: ownLog, event: 'process', head: '' })
}

/** Has the first process's log name the logs that are beside it. */
export function nameProcessLogs(folder: string, tell: Tell): void {
  const known = new Set<string>()
  for (const { event, session } of leavesRead(folder)) if (event === 'process') known.add(session)
  for (const process of recordedProcesses(folder)) {
    const session = `${folderPrefix}${process}`
    if (process > 1 && !known.has(session)) tell({ session, event: 'process', head: '' })
  }
}

/** Whether a process has a log yet. */
export function hasProcessLog(folder: string, process: number): boolean {
  return existsSync(join(processFolder(folder, process), 'log', 'leaves'))
}

/**
 * Why a log cannot be the one of its folder; undefined where nothing speaks against it. The log of one process, or of
 * another gateway with the same key, is as well signed as the one whose place it takes: only its heads' name differs.
 */
export function misplacedLog(folder: string, { lines, torn }: ReadLog): string | undefined {
  const place = basename(folder)
  const process = recordedProcesses(dirname(folder)).find((one) => place === `${folderPrefix}${one}`)
  if (process === undefined) return undefined
  const names = lines.map(({ head }) => head.gateway)
  const [first] = names
  if (first === undefined) return torn.leaves ? undefined : `the log of ${place} has no line, and is begun with one`
  const ending = processName('', process)
  const index = names.findIndex((name) => !name.endsWith(ending))
  if (index !== -1) return `head ${index} of the log is not of ${place}`
  // A gateway may have changed its name later; when the log was begun, the first process's log was told so.
  const gateways = new Set(readLog(dirname(folder)).lines.map(({ head }) => head.gateway))
  return gateways.size === 0 || gateways.has(first.slice(0, -ending.length))
    ? undefined
    : `the log of ${place} was begun by another gateway`
}

type Tell = (leaf: Omit<Leaf, 'wallMs'>) => void

/** The logs that a log names and that are not beside it. */
export function missingLogs(folder: string, leaves: Iterable<Leaf>): readonly string[] {
  const missing = new Set<string>()
  for (const { event, session } of leaves)
    if (event === 'process' && session !== ownLog && !existsSync(join(folder, session, 'log', 'leaves')))
      missing.add(session)
  return [...missing]
}
