// The log in which every session of a gateway hangs: one leaf when it opens and one when it ends, under signed tree
// heads. A session that is taken away leaves its leaves behind; a leaf that is taken away breaks the heads.
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { SignatureChecker, Signer } from './checkpoint.ts'
import { MerkleTree } from './merkle.ts'

/** One leaf. `head` is the hash of the first segment's header at opening, and of the last frame at the end. */
export interface Leaf {
  readonly session: string
  readonly event: 'opened' | 'closed' | 'abandoned' | 'deleted'
  readonly head: string
  readonly wallMs: number
  /** For deletions: why, by whom. */
  readonly reason?: string
}

/** A signed statement that the log had this size and this root. */
export interface TreeHead {
  readonly gateway: string
  readonly size: number
  readonly root: string
  readonly wallMs: number
  readonly signature: string
}

const context = 'sallyport recording tree head v1\n'

/** Takes signed heads to a place that the gateway cannot change. */
export type Anchor = (head: TreeHead) => Promise<void>

/** The log of one gateway, open for writing. */
export class SessionLog {
  readonly #leaves: number
  readonly #heads: number
  readonly #tree = new MerkleTree()
  readonly #gateway: string
  readonly #signer: Signer
  readonly #nowMs: () => number

  constructor(folder: string, gateway: string, signer: Signer, nowMs: () => number) {
    mkdirSync(join(folder, 'log'), { recursive: true, mode: 0o700 })
    dropTornLine(join(folder, 'log', 'leaves'))
    dropTornLine(join(folder, 'log', 'heads'))
    for (const leaf of readLines(join(folder, 'log', 'leaves'))) this.#tree.append(Buffer.from(leaf))
    this.#leaves = openSync(join(folder, 'log', 'leaves'), 'a', 0o600)
    this.#heads = openSync(join(folder, 'log', 'heads'), 'a', 0o600)
    this.#gateway = gateway
    this.#signer = signer
    this.#nowMs = nowMs
  }

  /** Adds a leaf and a signed head over all leaves. Throws when the disk refuses. */
  append(leaf: Leaf): TreeHead {
    const text = JSON.stringify(leaf)
    writeSync(this.#leaves, `${text}\n`)
    this.#tree.append(Buffer.from(text))
    const head = signHead(
      { gateway: this.#gateway, size: this.#tree.size, root: this.#tree.root().toString('hex'), wallMs: this.#nowMs() },
      this.#signer,
    )
    writeSync(this.#heads, `${JSON.stringify(head)}\n`)
    return head
  }

  sync(): void {
    fdatasyncSync(this.#leaves)
    fdatasyncSync(this.#heads)
  }

  close(): void {
    this.sync()
    closeSync(this.#leaves)
    closeSync(this.#heads)
  }
}

function signHead(head: Omit<TreeHead, 'signature'>, signer: Signer): TreeHead {
  return { ...head, signature: signer.sign(context, headText(head)).toString('base64') }
}

function headText(head: Omit<TreeHead, 'signature'>): string {
  return JSON.stringify([head.gateway, head.size, head.root, head.wallMs])
}

/** Whether a head was signed by this key. */
export function headHolds(head: TreeHead, checker: SignatureChecker): boolean {
  const signature = Buffer.from(head.signature, 'base64')
  // Base64 can write the same bytes in several ways; only the one we write counts.
  return signature.toString('base64') === head.signature && checker.check(context, headText(head), signature)
}

/** What a log on disk says: its leaves as text and parsed, and its heads. */
export interface ReadLog {
  readonly leaves: readonly { readonly text: string; readonly leaf: Leaf }[]
  readonly heads: readonly TreeHead[]
  /** Lines that do not read. */
  readonly damaged: number
}

/** Reads the log of a recordings folder. A folder without one reads as empty. */
export function readLog(folder: string): ReadLog {
  let damaged = 0
  const parse = <T>(line: string, check: (value: unknown) => value is T): readonly T[] => {
    try {
      const value: unknown = JSON.parse(line)
      if (check(value)) return [value]
    } catch {
      // counted below: a line that is no JSON is as damaged as one of another shape
    }
    damaged++
    return []
  }
  const leaves = readLines(join(folder, 'log', 'leaves')).flatMap((text) =>
    parse(text, isLeaf).map((leaf) => ({ text, leaf })),
  )
  const heads = readLines(join(folder, 'log', 'heads')).flatMap((text) => parse(text, isTreeHead))
  // A last line without its end was cut, even where all of its JSON is there.
  damaged += ['leaves', 'heads'].filter((name) => isUnterminated(join(folder, 'log', name))).length
  return { leaves, heads, damaged }
}

function isUnterminated(path: string): boolean {
  if (!existsSync(path)) return false
  const bytes = readFileSync(path)
  return bytes.length > 0 && bytes.at(-1) !== 10
}

/** Narrows a value to a tree head. */
export function isTreeHead(value: unknown): value is TreeHead {
  return hasFields(value, { gateway: 'string', size: 'number', root: 'string', wallMs: 'number', signature: 'string' })
}

function isLeaf(value: unknown): value is Leaf {
  return hasFields(value, { session: 'string', event: 'string', head: 'string', wallMs: 'number' })
}

function hasFields(value: unknown, types: { readonly [name: string]: string }): boolean {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map(Object.entries(value))
  return Object.entries(types).every(([name, type]) => typeof fields.get(name) === type)
}

/** A crash can leave half a line; it was never a leaf, because nothing was told it was written. */
function dropTornLine(path: string): void {
  if (!existsSync(path)) return
  const bytes = readFileSync(path)
  const end = bytes.lastIndexOf(10) + 1
  if (end < bytes.length) truncateSync(path, end)
}

function readLines(path: string): readonly string[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line !== '')
}
