// Resolves secret references of the configuration: `file:`, `env:` and `exec:`. The value stays in the caller's hands.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const execMs = 10_000
const secretBytesMax = 64 * 1024
const run = promisify(execFile)

/** A reference that cannot be resolved. Names the reference's kind, never what it holds. */
export class SecretError extends Error {}

/** The secret behind a reference, without the newline at its end. Rejects with SecretError. */
export async function resolveSecret(reference: string): Promise<string> {
  const at = reference.indexOf(':')
  const kind = reference.slice(0, at)
  const rest = reference.slice(at + 1)
  const text = await read(kind, rest)
  if (text.length > secretBytesMax)
    throw new SecretError(`a secret by \`${kind}:\` is larger than ${secretBytesMax} bytes`)
  return text.endsWith('\n') ? text.slice(0, -1) : text
}

async function read(kind: string, rest: string): Promise<string> {
  switch (kind) {
    case 'file':
      return readFile(rest, 'utf8').catch(() => {
        throw new SecretError(`the file ${rest} cannot be read`)
      })
    case 'env': {
      const value = process.env[rest]
      if (value === undefined) throw new SecretError(`the environment has no ${rest}`)
      return value
    }
    case 'exec': {
      const [command = '', ...args] = rest.split(' ').filter((word) => word !== '')
      const { stdout } = await run(command, args, { timeout: execMs, maxBuffer: secretBytesMax }).catch(() => {
        throw new SecretError(`the command ${command} gave no secret`)
      })
      return stdout
    }
    default:
      throw new SecretError(`secrets by \`${kind}:\` cannot be resolved by this version`)
  }
}
