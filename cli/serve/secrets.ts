// Secrets of the configuration for the parts of `serve`. One source for all, so that a lease is asked for once.
import type { MaskingConfig } from '../../proxy/config/index.ts'
import { Credentials } from '../../proxy/identity/index.ts'

const credentials = new Credentials({ environment: process.env, nowMs: Date.now, fetch })

/** The secret behind a reference. Rejects with CredentialError. */
export async function resolveSecret(reference: string): Promise<string> {
  return (await credentials.resolve(reference)).reveal()
}

/** The key of a resource's masks that have one, where the configuration names it. */
export async function hashKeyOf({ hashKey }: MaskingConfig): Promise<{ readonly hashKey?: Uint8Array }> {
  return hashKey === undefined ? {} : { hashKey: Buffer.from(await resolveSecret(hashKey)) }
}
