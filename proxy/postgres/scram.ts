// SCRAM-SHA-256 as a client (RFC 5802, RFC 7677), with bounds on what a hostile server may ask for.
import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** A server that does not know the password, or asks for what no honest server asks. */
export class ScramError extends Error {}

const iterationsMax = 1_000_000
const messageLengthMax = 2048
const derive = promisify(pbkdf2)

/** Derived keys that are kept: each new session to the same server asks for the same one, and it costs milliseconds. */
const derivedMax = 32
const derived = new Map<string, Promise<Buffer>>()

function saltedPassword(password: string, salt: Buffer, iterations: number): Promise<Buffer> {
  const key = createHash('sha256')
    .update(JSON.stringify([password, salt.toString('base64'), iterations]))
    .digest('base64')
  const known = derived.get(key)
  if (known !== undefined) return known
  const made = derive(password, salt, iterations, 32, 'sha256')
  for (const oldest of derived.keys()) {
    if (derived.size < derivedMax) break
    derived.delete(oldest)
  }
  derived.set(key, made)
  made.catch(() => derived.delete(key))
  return made
}

/** One exchange. */
export class ScramClient {
  readonly #password: string
  readonly #nonce: string
  #serverSignature: Buffer | undefined

  constructor(password: string, nonce: string) {
    this.#password = password
    this.#nonce = nonce
  }

  first(): string {
    return `n,,${this.#firstBare()}`
  }

  /** The final message, for what the server challenged with. */
  async final(serverFirst: string): Promise<string> {
    if (serverFirst.length > messageLengthMax) throw new ScramError('the server sent an oversized challenge')
    const fields = parseFields(serverFirst)
    const nonce = fields.get('r') ?? ''
    const salt = Buffer.from(fields.get('s') ?? '', 'base64')
    const iterations = Number(fields.get('i'))
    if (!nonce.startsWith(this.#nonce) || nonce.length === this.#nonce.length)
      throw new ScramError("the server's nonce does not continue ours")
    if (salt.length === 0 || !Number.isInteger(iterations) || iterations < 1 || iterations > iterationsMax)
      throw new ScramError('the server sent a malformed challenge')
    const salted = await saltedPassword(this.#password.normalize('NFKC'), salt, iterations)
    const clientKey = hmac(salted, 'Client Key')
    const withoutProof = `c=${Buffer.from('n,,').toString('base64')},r=${nonce}`
    const message = `${this.#firstBare()},${serverFirst},${withoutProof}`
    const signature = hmac(createHash('sha256').update(clientKey).digest(), message)
    this.#serverSignature = hmac(hmac(salted, 'Server Key'), message)
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0))
    return `${withoutProof},p=${Buffer.from(proof).toString('base64')}`
  }

  /** Checks that the server knew the password too. Throws ScramError. */
  verify(serverFinal: string): void {
    const got = Buffer.from(parseFields(serverFinal).get('v') ?? '', 'base64')
    const wanted = this.#serverSignature
    if (wanted === undefined || got.length !== wanted.length || !timingSafeEqual(got, wanted))
      throw new ScramError('the server did not prove that it knows the password')
  }

  #firstBare(): string {
    // The user name is the start-up message's; PostgreSQL ignores this one.
    return `n=,r=${this.#nonce}`
  }
}

function parseFields(text: string): ReadonlyMap<string, string> {
  return new Map(text.split(',').map((part) => [part.slice(0, 1), part.slice(2)]))
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
