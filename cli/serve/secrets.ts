// Secrets of the configuration for the parts of `serve`. One source for all, so that a lease is asked for once.
import { Credentials } from '../../proxy/identity/index.ts'

const credentials = new Credentials({ environment: process.env, nowMs: Date.now, fetch })

/** The secret behind a reference. Rejects with CredentialError. */
export async function resolveSecret(reference: string): Promise<string> {
  return (await credentials.resolve(reference)).reveal()
}
