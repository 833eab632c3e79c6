// Structured logs of the process. Fields that may hold secrets are cut out by name, whatever they hold.
import { type DestinationStream, type Logger, pino } from 'pino'

/** The process's log. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

const secretNames = ['token', 'password', 'secret', 'credential', 'authorization', 'key']
const redact = { paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[cut]' }

/** A log to standard error, to a file, or to the stream given. */
export function createLog(
  options: { readonly level: string; readonly file?: string },
  stream?: DestinationStream,
): Log {
  const target = stream ?? pino.destination({ dest: options.file ?? 2, mkdir: true, sync: true, mode: 0o600 })
  return pino({ level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact }, target)
}

/** What of an error may be logged: its class, code and message, never its properties or its cause's. */
export function errorFields(error: unknown): { readonly error: string; readonly code?: string } {
  if (!(error instanceof Error)) return { error: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return { error: `${error.name}: ${error.message}`.slice(0, 500), ...code }
}
