// The log in which every session of a gateway hangs: one leaf when it opens and one when it ends, each under a signed
// tree head in the same line. A session that is taken away leaves its leaves behind; a leaf that is taken away breaks
// the heads. The heads stand in a second file once more, written later, so that the end of the first cannot be cut.
import { dirname, join } from 'node:path'
import { makeFolder } from '../../bundles/store/make-folder.ts'
import type { SignatureChecker, Signer } from './checkpoint.ts'
import { dropTornLine, LogFile, linesIn, readLines } from './log-file.ts'
import { MerkleTree } from './merkle.ts'
import { syncFolders } from './sync-folder.ts'

/** What a leaf tells. */
export type LeafEvent = 'opened' | 'closed' | 'abandoned' | 'held' | 'freed' | 'deleted' | 'viewed' | 'process' | 'lost'

/**
 * One leaf. `head` is the hash of the first segment's header at opening, and of the last frame at the end. A leaf of
 * `process` tells of no session, but names the log of another process of the gateway. One of `lost` tells of leaves that
 * the machine lost when it went down, while their heads stayed: `head` is the root over the last of them.
 */
export interface Leaf {
  readonly session: string
  readonly event: LeafEvent
  readonly head: string
  readonly wallMs: number
  /** Of an abandoned session: hash of the bytes after its last whole frame, where there are any. */
  readonly tail?: string
  /** At the end: the name of the resource, by which it is decided how long the recording is kept. */
  readonly resource?: string
  /** For holds, deletions and views: why, and by whom. */
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
/** Between a leaf and its head; JSON never holds a bare one. */
const separator = '\t'

/** The log of one gateway, open for writing. */
export class SessionLog {
  readonly #folder: string
  readonly #gateway: string
  readonly #signer: Signer
  readonly #nowMs: () => number
  #leaves: LogFile
  #heads: LogFile
  readonly #onClosing: (fd: number) => void
  #tree = new MerkleTree()
  #head: TreeHead | undefined
  /** Heads that were found over more leaves than there are: how many, where the first stands, and the last one's root. */
  #lost: { readonly count: number; readonly offset: number; readonly root: string } | undefined

  /** `onClosing` is told of a file before it is closed. */
  constructor(
    folder: string,
    gateway: string,
    signer: Signer,
    nowMs: () => number,
    onClosing: (fd: number) => void = () => undefined,
  ) {
    this.#onClosing = onClosing
    this.#folder = join(folder, 'log')
    this.#gateway = gateway
    this.#signer = signer
    this.#nowMs = nowMs
    const { leaves, heads } = this.#open()
    this.#leaves = leaves
    this.#heads = heads
    this.#tellLost()
  }

  /** The newest signed head, once there is a leaf. */
  get head(): TreeHead | undefined {
    return this.#head
  }

  /** Adds a leaf and a signed head over all leaves. Throws when the disk refuses, and then there is neither. */
  append(leaf: Leaf): TreeHead {
    if (!this.#leaves.isOurs() || !this.#heads.isOurs()) this.#reopen()
    const text = JSON.stringify(leaf)
    const tree = this.#tree.fork()
    tree.append(Buffer.from(text))
    const head = signHead(
      { gateway: this.#gateway, size: tree.size, root: tree.root().toString('hex'), wallMs: this.#nowMs() },
      this.#signer,
    )
    const before = this.#leaves.offset
    this.#leaves.append(`${text}${separator}${JSON.stringify(head)}`)
    try {
      this.#heads.append(JSON.stringify(head))
    } catch (error) {
      this.#leaves.cut(before)
      throw error
    }
    this.#tree = tree
    this.#head = head
    return head
  }

  sync(): void {
    this.#leaves.sync()
    this.#heads.sync()
  }

  /** Has both files synced by somebody else, the leaves first. False where one of them cannot be taken. */
  syncLater(mark: (fd: number) => boolean): boolean {
    return [this.#leaves, this.#heads].every((file) => mark(file.fd))
  }

  close(): void {
    try {
      this.sync()
    } finally {
      this.#close()
    }
  }

  #close(): void {
    for (const file of [this.#leaves, this.#heads]) {
      this.#onClosing(file.fd)
      file.close()
    }
  }

  /** Goes on with what stands under the log's name now: an old log that came back, or a new one. */
  #reopen(): void {
    const { leaves, heads } = this.#open()
    this.#close()
    this.#leaves = leaves
    this.#heads = heads
    this.#tellLost()
  }

  /** Says that there were leaves more, and only then takes their heads back: the log goes on in their place. */
  #tellLost(): void {
    const lost = this.#lost
    this.#lost = undefined
    if (lost === undefined) return
    this.#heads.cut(lost.offset)
    const reason = `${lost.count} leaves`
    this.append({ session: '', event: 'lost', head: lost.root, wallMs: this.#nowMs(), reason })
    this.sync()
  }

  #open(): { readonly leaves: LogFile; readonly heads: LogFile } {
    makeFolder(this.#folder, 0o700)
    const paths = { leaves: join(this.#folder, 'leaves'), heads: join(this.#folder, 'heads') }
    dropTornLine(paths.leaves)
    dropTornLine(paths.heads)
    let headCount = 0
    for (const _ of linesIn(paths.heads)) headCount++
    const tree = new MerkleTree()
    // The lower descriptor, as a rule: files are synced in that order.
    const leaves = new LogFile(paths.leaves)
    const heads = new LogFile(paths.heads)
    let last = ''
    for (const line of linesIn(paths.leaves)) {
      const [text = '', head = ''] = line.split(separator)
      tree.append(Buffer.from(text))
      last = head
      // A crash between the two files leaves the second one a line behind.
      if (tree.size > headCount) heads.append(head)
    }
    syncFolders(this.#folder, dirname(this.#folder), dirname(dirname(this.#folder)))
    this.#lost = tree.size > 0 && headCount > tree.size ? lostAfter(paths.heads, tree.size, last) : undefined
    this.#tree = tree
    const newest = parsed(last)
    this.#head = isTreeHead(newest) ? newest : undefined
    return { leaves, heads }
  }
}

/** What heads say that stand behind those of so many leaves; undefined where they do not go on from the last of these. */
function lostAfter(
  path: string,
  size: number,
  last: string,
): { count: number; offset: number; root: string } | undefined {
  const lines = readLines(path).lines
  if (lines[size - 1] !== last) return undefined
  const heads = lines.slice(size).map(parsed)
  const newest = heads.at(-1)
  if (!isTreeHead(newest) || !heads.every((head, index) => isTreeHead(head) && head.size === size + index + 1))
    return undefined
  const offset = lines.slice(0, size).reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
  return { count: heads.length, offset, root: newest.root }
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

/** What a log on disk says. */
export interface ReadLog {
  readonly lines: readonly { readonly text: string; readonly leaf: Leaf; readonly head: TreeHead }[]
  /** The heads as they stand once more in their own file. */
  readonly heads: readonly TreeHead[]
  /** Whole lines that do not read. */
  readonly damaged: number
  /** Whether bytes follow the last whole line, in each file. */
  readonly torn: { readonly leaves: boolean; readonly heads: boolean }
}

/** Reads the log of a recordings folder. A folder without one reads as empty. */
export function readLog(folder: string): ReadLog {
  const files = { leaves: join(folder, 'log', 'leaves'), heads: join(folder, 'log', 'heads') }
  const leafFile = readLines(files.leaves)
  const leafLines = [...leafFile.lines]
  const lines = leafLines.flatMap((line) => readLine(line) ?? [])
  const headFile = readLines(files.heads)
  const headLines = [...headFile.lines]
  const heads = headLines.flatMap((line) => {
    const head = parsed(line)
    return isTreeHead(head) && JSON.stringify(head) === line ? [head] : []
  })
  return {
    lines,
    heads,
    damaged: leafLines.length - lines.length + headLines.length - heads.length,
    torn: { leaves: leafFile.torn, heads: headFile.torn },
  }
}

/** The leaves of a recordings folder's log that read, one after the other; nothing is proved of them. */
export function* leavesRead(folder: string): Generator<Leaf> {
  for (const line of linesIn(join(folder, 'log', 'leaves'))) {
    const read = readLine(line)
    if (read !== undefined) yield read.leaf
  }
}

/** A leaf and its head as a line of the log says them; undefined for a line that does not read. */
export function readLine(line: string): ReadLog['lines'][number] | undefined {
  const [text = '', headText = '', ...more] = line.split(separator)
  const leaf = parsed(text)
  const head = parsed(headText)
  // Only the text that we write counts: JSON can say the same in several ways.
  return more.length === 0 && isLeaf(leaf) && isTreeHead(head) && JSON.stringify(head) === headText
    ? { text, leaf, head }
    : undefined
}

/** Narrows a value to a tree head. */
export function isTreeHead(value: unknown): value is TreeHead {
  return hasFields(value, { gateway: 'string', size: 'number', root: 'string', wallMs: 'number', signature: 'string' })
}

const leafEvents: ReadonlySet<unknown> = new Set<LeafEvent>([
  'opened',
  'closed',
  'abandoned',
  'held',
  'freed',
  'deleted',
  'viewed',
  'process',
  'lost',
])

function isLeaf(value: unknown): value is Leaf {
  return (
    hasFields(value, { session: 'string', event: 'string', head: 'string', wallMs: 'number' }) &&
    leafEvents.has(Reflect.get(Object(value), 'event'))
  )
}

function hasFields(value: unknown, types: { readonly [name: string]: string }): boolean {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map(Object.entries(value))
  return Object.entries(types).every(([name, type]) => typeof fields.get(name) === type)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
