// Upstream credentials and other secrets by reference: `file:PATH`, `env:NAME`, `exec:COMMAND`, `vault:PATH#FIELD`.
// A value with an expiry is kept until shortly before it; nothing is ever written, logged or shown.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { inspect, promisify } from 'node:util'
import type { CredentialSource, UpstreamSecret } from './contract.ts'

/** A reference that cannot be resolved. Names what was asked for, never what it holds. */
export class CredentialError extends Error {
  readonly code: 'unknown' | 'unreadable' | 'too_large' | 'expired'
  constructor(code: CredentialError['code'], message: string) {
    super(message)
    this.name = 'CredentialError'
    this.code = code
  }
}

/** What the outside world gives; tests give their own. */
export interface CredentialPorts {
  readonly environment: { readonly [name: string]: string | undefined }
  readonly nowMs: () => number
  readonly fetch: typeof fetch
}

const secretBytesMax = 64 * 1024
const commandMs = 10_000
const vaultMs = 10_000
/** Part of a value's life after which it is asked for again, so that none is used in its last moments. */
const refreshAt = 0.8
const referencesMax = 10_000

/** Resolves references. Values with an expiry are kept in memory; values without one are read each time. */
export class Credentials implements CredentialSource {
  readonly #ports: CredentialPorts
  readonly #kept = new Map<string, { readonly secret: Secret; readonly againAtMs: number }>()
  readonly #running = new Map<string, Promise<Secret>>()

  constructor(ports: CredentialPorts) {
    this.#ports = ports
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

  async #read(reference: string): Promise<Secret> {
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

  #readKind(kind: string, rest: string): Promise<Secret> {
    switch (kind) {
      case 'file':
        return fromFile(rest)
      case 'env':
        return this.#fromEnvironment(rest)
      case 'exec':
        return fromCommand(rest)
      case 'vault':
        return fromVault(this.#ports, rest)
      default:
        throw new CredentialError('unknown', 'a secret is given by `file:`, `env:`, `exec:` or `vault:`')
    }
  }

  async #fromEnvironment(name: string): Promise<Secret> {
    const value = this.#ports.environment[name]
    if (value === undefined) throw new CredentialError('unreadable', `the environment has no ${name}`)
    return new Secret(value, undefined)
  }
}

/** A secret that shows itself only when asked by name. */
class Secret implements UpstreamSecret {
  readonly #value: string
  readonly expiresAtMs: number | undefined
  constructor(value: string, expiresAtMs: number | undefined) {
    this.#value = value.endsWith('\n') ? value.slice(0, -1) : value
    this.expiresAtMs = expiresAtMs
  }
  reveal(): string {
    return this.#value
  }
  toString(): string {
    return '[secret]'
  }
  toJSON(): string {
    return '[secret]'
  }
  [inspect.custom](): string {
    return '[secret]'
  }
}

async function fromFile(path: string): Promise<Secret> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new CredentialError('unreadable', `the file ${path} cannot be read`)
  })
  return new Secret(text, undefined)
}

/**
 * Runs the command without a shell. It prints the secret, or one line of JSON with `secret` and `expires_at` (RFC 3339),
 * or what `kubectl` exec plugins print (`status.token`, `status.expirationTimestamp`).
 */
async function fromCommand(line: string): Promise<Secret> {
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
  if (secret === undefined) return new Secret(stdout, undefined)
  const until = textAt(document, 'expires_at') ?? textAt(status, 'expirationTimestamp')
  return new Secret(secret, until === undefined ? undefined : timeOf(until, command))
}

function timeOf(text: string, command: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new CredentialError('unreadable', `the command ${command} gave a time that is none`)
  return ms
}

/** A field of a Vault secret: KV version 1 and 2, and leased ones such as database credentials. */
async function fromVault({ environment, nowMs, fetch }: CredentialPorts, rest: string): Promise<Secret> {
  const [path = '', field = 'value'] = rest.split('#', 2)
  const address = environment['VAULT_ADDR']
  const token = environment['VAULT_TOKEN']
  if (address === undefined || token === undefined)
    throw new CredentialError('unreadable', 'Vault is found by VAULT_ADDR and VAULT_TOKEN, and one is not set')
  const segments = path.split('/')
  if (segments.some((one) => one === '' || one === '.' || one === '..'))
    throw new CredentialError('unreadable', 'the path of a Vault secret has an empty or dotted part')
  const namespace = environment['VAULT_NAMESPACE']
  const askedAtMs = nowMs()
  const response = await fetch(new URL(`/v1/${segments.map(encodeURIComponent).join('/')}`, address), {
    headers: { 'x-vault-token': token, ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }) },
    redirect: 'error',
    signal: AbortSignal.timeout(vaultMs),
  }).catch(() => {
    throw new CredentialError('unreadable', 'Vault cannot be reached')
  })
  if (!response.ok) throw new CredentialError('unreadable', `Vault answered ${response.status} for ${path}`)
  const document = jsonObject(await response.text())
  const data = objectAt(document, 'data')
  const secret = textAt(objectAt(data, 'data'), field) ?? textAt(data, field)
  if (secret === undefined) throw new CredentialError('unreadable', `the Vault secret ${path} has no \`${field}\``)
  const lease: unknown = document === undefined ? 0 : Reflect.get(document, 'lease_duration')
  return new Secret(secret, typeof lease === 'number' && lease > 0 ? askedAtMs + lease * 1000 : undefined)
}

function jsonObject(text: string): object | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function objectAt(from: object | undefined, name: string): object | undefined {
  const value: unknown = from === undefined ? undefined : Reflect.get(from, name)
  return typeof value === 'object' && value !== null ? value : undefined
}

function textAt(from: object | undefined, name: string): string | undefined {
  const value: unknown = from === undefined ? undefined : Reflect.get(from, name)
  return typeof value === 'string' ? value : undefined
}
