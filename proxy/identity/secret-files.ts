// Secrets that lie in files: asked about each time, and read again when they changed.
import { type BigIntStats, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { UpstreamSecret } from './contract.ts'
import { CredentialError, secretOf } from './secret.ts'

/** A file that changed this short a time ago may change once more without its times showing it. */
const settledMs = 2000
const filesMax = 1000

/** The files of one source of credentials. */
export class SecretFiles {
  readonly #nowMs: () => number
  readonly #kept = new Map<string, { readonly state: string; readonly secret: UpstreamSecret }>()

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** The secret in a file as it is now. Rejects with CredentialError. */
  async read(path: string): Promise<UpstreamSecret> {
    try {
      const kept = this.#kept.get(path)
      // Asked at once: a question by way of another thread costs ten times as much.
      if (kept !== undefined && kept.state === stateOf(statSync(path, { bigint: true }))) return kept.secret
      return await this.#readAgain(path)
    } catch {
      this.#kept.delete(path)
      throw new CredentialError('unreadable', `the file ${path} cannot be read`)
    }
  }

  async #readAgain(path: string): Promise<UpstreamSecret> {
    const file = await open(path)
    try {
      const secret = secretOf(await file.readFile('utf8'), undefined)
      // Of the file that was read, after it was read: the path may lead to another one by now.
      const stats = await file.stat({ bigint: true })
      this.#kept.delete(path)
      if (this.#kept.size >= filesMax) this.#kept.clear()
      if (Number(stats.ctimeMs) + settledMs < this.#nowMs()) this.#kept.set(path, { state: stateOf(stats), secret })
      return secret
    } finally {
      await file.close()
    }
  }
}

function stateOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`
}
