// Upstream credentials and other secrets by reference: files, the environment, commands, Vault, AWS RDS, Kubernetes.
// A value with an expiry is kept until shortly before it; nothing is ever written, logged or shown.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { rdsToken } from './aws-rds.ts'
import type { CredentialSource, UpstreamSecret } from './contract.ts'
import { CredentialError, type CredentialPorts, jsonObject, objectAt, secretOf, textAt } from './secret.ts'
import { SecretFiles } from './secret-files.ts'
import { Vault } from './vault.ts'

const secretBytesMax = 64 * 1024
const commandMs = 10_000
/** Part of a value's life after which it is asked for again, so that none is used in its last moments. */
const refreshAt = 0.8
const referencesMax = 10_000

/** Resolves references. Values with an expiry are kept in memory; values without one are asked for each time. */
export class Credentials implements CredentialSource {
  readonly #ports: CredentialPorts
  readonly #kept = new Map<string, { readonly secret: UpstreamSecret; readonly againAtMs: number }>()
  readonly #running = new Map<string, Promise<UpstreamSecret>>()
  readonly #vault: Vault
  readonly #files: SecretFiles

  constructor(ports: CredentialPorts) {
    this.#ports = ports
    this.#vault = new Vault(ports)
    this.#files = new SecretFiles(ports.nowMs)
  }

  async resolve(reference: string): Promise<UpstreamSecret> {
    const kept = this.#kept.get(reference)
    const nowMs = this.#ports.nowMs()
    if (kept !== undefined && nowMs < kept.againAtMs) return kept.secret
    const running = this.#running.get(reference)
    if (running !== undefined) return running
    const asked = this.#read(reference).finally(() => this.#running.delete(reference))
    this.#running.set(reference, asked)
    try {
      return await asked
    } catch (error) {
      // A value that still counts is better than none while its source is away.
      if (kept !== undefined && (kept.secret.expiresAtMs ?? 0) > nowMs) return kept.secret
      throw error
    }
  }

  async #read(reference: string): Promise<UpstreamSecret> {
    const at = reference.indexOf(':')
    const rest = reference.slice(at + 1)
    const secret = await this.#readKind(reference.slice(0, at), rest)
    if (Buffer.byteLength(secret.reveal()) > secretBytesMax)
      throw new CredentialError('too_large', `a secret is larger than ${secretBytesMax} bytes`)
    const { expiresAtMs } = secret
    if (expiresAtMs !== undefined) {
      const nowMs = this.#ports.nowMs()
      if (expiresAtMs <= nowMs) throw new CredentialError('expired', 'the secret that was given has expired')
      if (this.#kept.size >= referencesMax) this.#kept.clear()
      this.#kept.set(reference, { secret, againAtMs: nowMs + (expiresAtMs - nowMs) * refreshAt })
    }
    return secret
  }

  async #readKind(kind: string, rest: string): Promise<UpstreamSecret> {
    switch (kind) {
      case 'file':
        return this.#files.read(rest)
      case 'env':
        return this.#fromEnvironment(rest)
      case 'exec':
        return fromCommand(rest)
      case 'vault':
        return this.#vault.secret(rest)
      case 'vault-ssh':
        return this.#vault.sshCertificate(rest)
      case 'vault-otp':
        return this.#vault.sshOneTime(rest)
      case 'rds':
        return rdsToken(this.#ports, rest)
      case 'projected':
        return projected(await this.#files.read(rest), rest)
      default:
        throw new CredentialError(
          'unknown',
          'a secret is given by `file:`, `env:`, `exec:`, `vault:`, `vault-ssh:`, `vault-otp:`, `rds:` or `projected:`',
        )
    }
  }

  async #fromEnvironment(name: string): Promise<UpstreamSecret> {
    const value = this.#ports.environment[name]
    if (value === undefined) throw new CredentialError('unreadable', `the environment has no ${name}`)
    return secretOf(value, undefined)
  }
}

/** A token that Kubernetes projects into a file and renews there: it counts until it says, and is read again before. */
function projected(file: UpstreamSecret, path: string): UpstreamSecret {
  const token = file.reveal().trim()
  const claims = jsonObject(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
  const seconds: unknown = claims === undefined ? undefined : Reflect.get(claims, 'exp')
  if (typeof seconds !== 'number' || !Number.isFinite(seconds))
    throw new CredentialError('unreadable', `the file ${path} holds no projected token`)
  return secretOf(token, seconds * 1000)
}

/**
 * Runs the command without a shell. It prints the secret, or one line of JSON with `secret` and `expires_at` (RFC 3339),
 * or what `kubectl` exec plugins print (`status.token`, `status.expirationTimestamp`).
 */
async function fromCommand(line: string): Promise<UpstreamSecret> {
  const [command = '', ...args] = line.split(' ').filter((word) => word !== '')
  const { stdout } = await promisify(execFile)(command, args, { timeout: commandMs, maxBuffer: secretBytesMax }).catch(
    () => {
      // What a command says when it fails may hold what it knows.
      throw new CredentialError('unreadable', `the command ${command} gave no secret`)
    },
  )
  const document = jsonObject(stdout)
  const status = objectAt(document, 'status')
  const secret = textAt(document, 'secret') ?? textAt(status, 'token')
  if (secret === undefined) return secretOf(stdout, undefined)
  const until = textAt(document, 'expires_at') ?? textAt(status, 'expirationTimestamp')
  return secretOf(secret, until === undefined ? undefined : timeOf(until, command))
}

function timeOf(text: string, command: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new CredentialError('unreadable', `the command ${command} gave a time that is none`)
  return ms
}
