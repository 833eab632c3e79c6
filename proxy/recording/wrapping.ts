// Session keys wrapped by somebody else: Vault's transit engine, or a command that speaks to a key service. Keys are
// wrapped ahead of time, so that a session begins without waiting; when none is ready it does not begin.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { boundedBody } from '../../bundles/source/bounded-body.ts'
import { RecordingError } from './error.ts'
import { type KeyUnwrapper, type KeyWrapper, type SessionKey, sessionKeyBytes } from './sealing.ts'

/** Somebody who wraps keys and, where allowed, unwraps them. Both reject where that fails. */
export interface KeyService {
  /** Names the way of wrapping in the headers of segments. */
  readonly id: string
  wrap(key: Uint8Array): Promise<Uint8Array>
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>
}

/** Wrapped keys that are kept ready, and how few make it ask for more. */
const readyMax = 64
const readyLow = 32
const pauseMs = 1000

/** Keys that a service wrapped ahead of time. */
export class WrappedKeys implements KeyWrapper {
  readonly #service: KeyService
  readonly #delay: (ms: number) => Promise<void>
  readonly #onFault: (error: RecordingError) => void
  readonly #ready: SessionKey[] = []
  #filling: Promise<void> | undefined
  #isClosed = false

  constructor(
    service: KeyService,
    parts: { readonly delay: (ms: number) => Promise<void>; readonly onFault: (error: RecordingError) => void },
  ) {
    this.#service = service
    this.#delay = parts.delay
    this.#onFault = parts.onFault
  }

  /** Wraps a first key. Rejects with RecordingError where the service cannot. */
  async start(): Promise<void> {
    this.#ready.push(await this.#wrapped())
    this.#fill()
  }

  newKey(): SessionKey {
    const key = this.#ready.shift()
    if (this.#ready.length < readyLow) this.#fill()
    if (key === undefined) throw new RecordingError('unwritable', 'no wrapped session key is ready')
    return key
  }

  /** Asks for no more keys. */
  close(): void {
    this.#isClosed = true
  }

  #fill(): void {
    this.#filling ??= this.#fillUp().finally(() => {
      this.#filling = undefined
    })
  }

  async #fillUp(): Promise<void> {
    let hasFailed = false
    while (!this.#isClosed && this.#ready.length < readyMax) {
      try {
        this.#ready.push(await this.#wrapped())
        hasFailed = false
      } catch (cause) {
        if (!hasFailed) this.#onFault(new RecordingError('unwritable', 'session keys cannot be wrapped', { cause }))
        hasFailed = true
        await this.#delay(pauseMs)
      }
    }
  }

  async #wrapped(): Promise<SessionKey> {
    const key = randomBytes(sessionKeyBytes)
    const wrapped = await this.#service.wrap(key)
    if (wrapped.length === 0 || wrapped.length > wrappedBytesMax)
      throw new RecordingError('bad_key', 'the key service answered with no wrapped key')
    return { key, wrapperId: this.#service.id, wrapped }
  }
}

const wrappedBytesMax = 16 * 1024

/** Unwraps the keys of the given segment headers ahead of reading, which waits for nobody. */
export async function unwrapAhead(
  service: KeyService,
  sealed: Iterable<{ readonly id: string; readonly wrapped: Uint8Array }>,
): Promise<KeyUnwrapper> {
  const keys = new Map<string, Uint8Array>()
  for (const { id, wrapped } of sealed) {
    const name = Buffer.from(wrapped).toString('base64')
    if (id !== service.id || keys.has(name)) continue
    const key = await service.unwrap(wrapped)
    if (key.length !== sessionKeyBytes)
      throw new RecordingError('wrong_key', 'the key service gave back no session key')
    keys.set(name, key)
  }
  return {
    unwrap: (id, wrapped) => {
      const key = keys.get(Buffer.from(wrapped).toString('base64'))
      if (key === undefined)
        throw new RecordingError('wrong_key', `the recording is sealed by another kind of key: ${id.slice(0, 32)}`)
      return key
    },
  }
}

const requestMs = 10_000
const answerBytesMax = 64 * 1024

/** Vault's transit engine, which keeps the wrapping key to itself. */
export function vaultTransit(parts: {
  readonly address: string
  readonly mount: string
  readonly key: string
  readonly token: () => Promise<string>
  readonly fetch: typeof fetch
}): KeyService {
  const ask = async (verb: 'encrypt' | 'decrypt', body: object, field: string): Promise<string> => {
    const path = `v1/${parts.mount}/${verb}/${encodeURIComponent(parts.key)}`
    const response = await parts.fetch(`${parts.address.replace(/\/$/, '')}/${path}`, {
      method: 'POST',
      headers: { 'x-vault-token': await parts.token(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(requestMs),
    })
    const text = (await boundedBody(response, answerBytesMax)).toString('utf8')
    if (!response.ok) throw new RecordingError('bad_key', `Vault answered ${response.status}`)
    const data: unknown = Reflect.get(Object(JSON.parse(text)), 'data')
    const value: unknown = Reflect.get(Object(data), field)
    if (typeof value !== 'string') throw new RecordingError('bad_key', `Vault's answer has no ${field}`)
    return value
  }
  return {
    id: 'vault-transit',
    wrap: async (key) =>
      Buffer.from(await ask('encrypt', { plaintext: Buffer.from(key).toString('base64') }, 'ciphertext')),
    unwrap: async (wrapped) =>
      Buffer.from(await ask('decrypt', { ciphertext: Buffer.from(wrapped).toString('utf8') }, 'plaintext'), 'base64'),
  }
}

/** A command for each way: base64 on its input, base64 on its output, status 0. No shell is between. */
export function keyCommand(parts: {
  readonly wrap: readonly string[]
  readonly unwrap: readonly string[]
}): KeyService {
  return {
    id: 'command',
    wrap: (key) => ran(parts.wrap, key),
    unwrap: (wrapped) => ran(parts.unwrap, wrapped),
  }
}

/** What a command makes of some bytes. Its errors are not repeated: they may hold what it was given. */
async function ran([program, ...args]: readonly string[], input: Uint8Array): Promise<Uint8Array> {
  if (program === undefined) throw new RecordingError('bad_key', 'no command is configured for this')
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] })
    // Of our own: the timer of `spawn` goes on, and holds the process, where there is no such command.
    const late = setTimeout(() => child.kill('SIGKILL'), requestMs)
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      if (out.length > answerBytesMax) child.kill('SIGKILL')
    })
    child.once('error', (cause) => {
      clearTimeout(late)
      reject(new RecordingError('bad_key', 'the key command cannot be run', { cause }))
    })
    child.once('close', (status) => {
      clearTimeout(late)
      if (status === 0) resolve(Buffer.from(out.trim(), 'base64'))
      else reject(new RecordingError('bad_key', `the key command ended with status ${status ?? 'none'}`))
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(`${Buffer.from(input).toString('base64')}\n`)
  })
}
