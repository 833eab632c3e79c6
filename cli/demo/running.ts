// One demo a folder at a time. A demo that was killed leaves its mark behind; the next one sees that nobody answers, and
// clears away the database that was left.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { databasePrefix } from './embedded-postgres.ts'
import { lastPorts } from './ports.ts'

const answerMs = 2000

interface Mark {
  readonly pid: number
  readonly database: string
}

/** The process of the demo that runs over a folder; undefined when none does. Clears away what a killed one left. */
export async function runningDemo(markFile: string, portsFile: string): Promise<number | undefined> {
  const mark = readMark(markFile)
  if (mark === undefined) return undefined
  const ports = lastPorts(portsFile)
  if (isAlive(mark.pid) && ports !== undefined && (await answers(ports.admin))) return mark.pid
  // The folder's name was chosen by `startPostgres`; nothing else is ever removed.
  if (basename(mark.database).startsWith(databasePrefix)) rmSync(mark.database, { recursive: true, force: true })
  rmSync(markFile, { force: true })
  return undefined
}

/** Leaves the mark of this process. */
export function markRunning(markFile: string, database: string): void {
  const mark: Mark = { pid: process.pid, database }
  writeFileSync(markFile, `${JSON.stringify(mark)}\n`)
}

function readMark(file: string): Mark | undefined {
  try {
    const said: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
    if (typeof said !== 'object' || said === null) return undefined
    const [pid, database]: unknown[] = [Reflect.get(said, 'pid'), Reflect.get(said, 'database')]
    return typeof pid === 'number' && typeof database === 'string' ? { pid, database } : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(answerMs) })
    return answer.ok
  } catch {
    return false
  }
}
