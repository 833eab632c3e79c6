// How a command ended, as the error channel of an exec carries it.
import type { Status } from '../status.ts'

/** A status of failure as the error channel carries it. */
export function statusBytes({ message, reason, code }: Status): Buffer {
  return Buffer.from(JSON.stringify({ metadata: {}, status: 'Failure', message, reason, code }))
}

/** The end of a command with an exit status. */
export function exitBytes(status: number): Buffer {
  if (status === 0) return Buffer.from(JSON.stringify({ metadata: {}, status: 'Success' }))
  return Buffer.from(
    JSON.stringify({
      metadata: {},
      status: 'Failure',
      message: `command terminated with non-zero exit code: exit status ${status}`,
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: String(status) }] },
    }),
  )
}

/** What an error channel said: an exit status, or why there is none. */
export function exitOf(bytes: Buffer): number | { readonly message: string } {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString())
  } catch {
    return { message: 'the cluster does not say how it ended' }
  }
  if (at(value, 'status') === 'Success') return 0
  const causes = at(at(value, 'details'), 'causes')
  for (const cause of Array.isArray(causes) ? causes : []) {
    const code = at(cause, 'message')
    if (at(cause, 'reason') === 'ExitCode' && typeof code === 'string' && /^\d{1,3}$/.test(code)) return Number(code)
  }
  const message = at(value, 'message')
  return { message: typeof message === 'string' ? message : 'the cluster does not say how it ended' }
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
