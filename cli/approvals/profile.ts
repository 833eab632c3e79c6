// Who answers on this machine: a file with the approver's name, and beside it the private key.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { AdminError } from './client.ts'

/** An approver with their private key (PEM). */
export interface Profile {
  readonly issuer: string
  readonly subject: string
  readonly key: string
}

/** Reads a profile that `approver enroll` wrote. */
export function readProfile(file: string): Profile {
  try {
    const { issuer, subject, key }: { issuer?: unknown; subject?: unknown; key?: unknown } = JSON.parse(
      readFileSync(file, 'utf8'),
    )
    if (typeof issuer === 'string' && typeof subject === 'string' && typeof key === 'string')
      return { issuer, subject, key: readFileSync(resolve(dirname(file), key), 'utf8') }
  } catch {
    // told below, the same for whatever is wrong with it
  }
  throw new AdminError(0, `${file} is not an approver that \`sallyport approver enroll\` wrote`)
}
