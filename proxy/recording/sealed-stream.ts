// AES-256-GCM over many small pieces. A call of the cipher for each costs more than sealing it, so the key stream of small
// pieces is drawn ahead by the counter mode that GCM is made of, and the tag is computed over many of them at once.
import { type CipherGCM, createCipheriv } from 'node:crypto'
import { nonceBytes } from './sealing.ts'

/** Pieces of so many bytes are sealed by a call of their own. */
const largeBytes = 2048
/** So many pieces of a stream are sealed by calls of their own: most streams have no more. */
const earlyPieces = 2
/** Bytes of key stream that are drawn first; twice as many each time after that. */
const drawBytesMin = 1024
const memoryBytes = 16 * 1024
const blockBytes = 16
/** The first block is sealed under this counter (NIST SP 800-38D, 7.1, for a nonce of 96 bits). */
const firstCounter = 2
const zeros = Buffer.alloc(memoryBytes)

/** The same bytes, as they are and by words. */
interface Memory {
  readonly bytes: Buffer
  readonly words: Uint32Array
}

/** What was sealed without the cipher that computes the tag, and the key stream for it and beyond it. */
interface Drawn {
  readonly plain: Memory
  readonly stream: Memory
}

/** Where small pieces are sealed; they are copied from here before the next one is. */
const sealed = newMemory()

/** Memory of streams that have ended, for the next ones; beyond so many it is given back. */
const freeMax = 256
const free: Drawn[] = []

/** One stream of AES-256-GCM that is sealed piece by piece. */
export class SealedStream {
  readonly #key: Uint8Array
  readonly #nonce: Uint8Array
  readonly #cipher: CipherGCM
  #pieces = 0
  /** Bytes of the stream that `#cipher` has sealed. */
  #sealed = 0
  #memory: Drawn | undefined
  /** INVARIANT: key stream before this was used, and is never used again. */
  #used = 0
  #drawn = 0
  #drawBytes = drawBytesMin
  #counter: ReturnType<typeof createCipheriv> | undefined

  /** A nonce is for one stream only. */
  constructor(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array) {
    this.#key = key
    this.#nonce = nonce
    this.#cipher = createCipheriv('aes-256-gcm', key, nonce)
    this.#cipher.setAAD(associated)
  }

  /** Seals the next piece into `out` from `at` on. */
  seal(plain: Uint8Array, out: Uint8Array, at: number): void {
    if (this.#pieces++ < earlyPieces || plain.length >= largeBytes) {
      this.#catchUp()
      out.set(this.#cipher.update(plain), at)
      this.#sealed += plain.length
      return
    }
    for (let from = 0; from < plain.length; ) {
      const memory = this.#drawnMemory()
      const begin = this.#used
      const end = Math.min(begin + plain.length - from, this.#drawn)
      const taken = end - begin
      memory.plain.bytes.set(taken === plain.length ? plain : plain.subarray(from, from + taken), begin)
      xorWords(memory.plain.words, memory.stream.words, begin >> 2, (end + 3) >> 2)
      out.set(sealed.bytes.subarray(begin, end), at + from)
      this.#used = end
      from += taken
    }
  }

  /** Ends the stream. */
  tag(): Buffer {
    this.#catchUp()
    this.#cipher.final()
    return this.#cipher.getAuthTag()
  }

  /** Gives back what the stream holds; it seals no more. */
  release(): void {
    const memory = this.#memory
    this.#memory = undefined
    if (memory === undefined) return
    memory.plain.bytes.fill(0)
    memory.stream.bytes.fill(0)
    if (free.length < freeMax) free.push(memory)
  }

  /** Has the cipher seal what was sealed without it. The key stream that was drawn beyond that is not used any more. */
  #catchUp(): void {
    if (this.#memory !== undefined && this.#used > 0)
      this.#cipher.update(this.#memory.plain.bytes.subarray(0, this.#used))
    this.#sealed += this.#used
    this.#used = 0
    this.#drawn = 0
    this.#counter = undefined
  }

  /** Memory in which there is key stream to be used. */
  #drawnMemory(): Drawn {
    this.#memory ??= free.pop() ?? { plain: newMemory(), stream: newMemory() }
    const { plain, stream } = this.#memory
    if (this.#used < this.#drawn) return this.#memory
    if (this.#drawn === memoryBytes) {
      this.#cipher.update(plain.bytes)
      this.#sealed += memoryBytes
      this.#used = 0
      this.#drawn = 0
    }
    this.#counter ??= this.#counterAt(this.#sealed + this.#used)
    const bytes = Math.min(this.#drawBytes, memoryBytes - this.#drawn)
    this.#drawBytes = Math.min(this.#drawBytes * 2, memoryBytes)
    stream.bytes.set(this.#counter.update(zeros.subarray(0, bytes)), this.#drawn)
    this.#drawn += bytes
    return this.#memory
  }

  /** The key stream from a place of the stream on. */
  #counterAt(place: number): ReturnType<typeof createCipheriv> {
    const block = Buffer.alloc(blockBytes)
    block.set(this.#nonce)
    block.writeUInt32BE(firstCounter + Math.floor(place / blockBytes), nonceBytes)
    const counter = createCipheriv('aes-256-ctr', this.#key, block)
    counter.update(zeros.subarray(0, place % blockBytes))
    return counter
  }
}

function newMemory(): Memory {
  const bytes = Buffer.allocUnsafeSlow(memoryBytes)
  return { bytes, words: new Uint32Array(bytes.buffer) }
}

/** Words that are only begun or not yet ended are sealed with their neighbours, which nobody copies. */
function xorWords(plain: Uint32Array, stream: Uint32Array, begin: number, end: number): void {
  const { words } = sealed
  for (let index = begin; index < end; index++) words[index] = (plain[index] ?? 0) ^ (stream[index] ?? 0)
}
