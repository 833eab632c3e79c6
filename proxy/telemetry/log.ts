// Structured logs of the process. Fields that may hold secrets are cut out by name, whatever they hold.
import { type DestinationStream, type Logger, pino } from 'pino'
import { LineFile } from './append-file.ts'

/** The process's log. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

const secretNames = ['token', 'password', 'secret', 'credential', 'authorization', 'key']
const redact = { paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[cut]' }

/** A log to standard error, to a file, or to the stream given. */
export function createLog(
  options: { readonly level: string; readonly file?: string; readonly process?: number },
  stream?: DestinationStream,
): Log {
  // One of several processes says which.
  const base = options.process === undefined ? null : { process: options.process }
  const target = stream ?? new LineFile(options.file ?? 2, (lost) => lostLine({ ...base, lost }))
  return pino({ level: options.level, base, timestamp: pino.stdTimeFunctions.isoTime, redact }, target)
}

/** What a log says of lines that it could not write. */
function lostLine(fields: { readonly lost: number }): string {
  const line = { level: pino.levels.values['error'], time: new Date().toISOString(), ...fields }
  return `${JSON.stringify({ ...line, msg: 'lines of this log could not be written' })}\n`
}

/**
 * What of an error may be logged: its class, message and code, and the code of what caused it (`ENOSPC`, `SQLITE_FULL`);
 * no other property.
 */
export function errorFields(error: unknown): {
  readonly error: string
  readonly code?: string
  readonly cause?: string
} {
  if (!(error instanceof Error)) return { error: typeof error }
  const [code, ...causes] = codesOf(error)
  const cause = causes.at(-1)
  return {
    error: `${error.name}: ${error.message}`.slice(0, 500),
    ...(code === undefined ? {} : { code }),
    ...(cause === undefined ? {} : { cause }),
  }
}

/** The codes of an error and of what caused it. */
function codesOf(error: Error): readonly string[] {
  const codes: string[] = []
  let one: unknown = error
  for (let depth = 0; one instanceof Error && depth < 5; depth++, one = one.cause)
    if ('code' in one && typeof one.code === 'string') codes.push(one.code.slice(0, 100))
  return codes
}
