// The index that `search` keeps beside recordings: for each session who, on what, when, and which rules, relations,
// commands, verbs and effects its actions name. It says where to look and proves nothing: what is found is read from
// the recording. Sealed recordings have a sealed index.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type KeyUnwrapper,
  listSessions,
  RecordingError,
  readEntries,
  readPlainFile,
  segmentNames,
} from '../../proxy/recording/index.ts'
import { commandsOf, relationsOf, type Wanted } from './wanted.ts'

/** What one session is found by. */
export interface Indexed {
  readonly session: string
  /** Bytes of its segments when it was read; a session that ended does not grow. */
  readonly bytes: number
  readonly ended: boolean
  readonly fromMs: number
  readonly untilMs: number
  readonly subjects: readonly string[]
  readonly chain: readonly string[]
  readonly resources: readonly string[]
  readonly rules: readonly string[]
  readonly relations: readonly string[]
  readonly commands: readonly string[]
  readonly verbs: readonly string[]
  readonly effects: readonly string[]
  /** True where it names more than an index keeps, or could not be read: it is looked through whatever is wanted. */
  readonly isVague: boolean
}

/** A line of the index: state, bytes and session, then the rest as JSON, which is parsed only where it may be wanted. */
interface Line {
  readonly ended: boolean
  readonly bytes: number
  readonly text: string
}

/** Names of one sort that are kept for a session. */
const namesMax = 256
/** Bytes of an index that is read; a larger one is made anew. */
const indexBytesMax = 2 ** 30
const magic = Buffer.from('SALLYIDX1', 'latin1')
const nonceBytes = 12
const tagBytes = 16
/** Sessions that are told to the file at once. */
const blockSessions = 4096

/** An index in a recordings folder. */
export class SearchIndex {
  readonly #dir: string
  readonly #path: string
  readonly #key: Uint8Array | undefined
  readonly #unwrapper: KeyUnwrapper | undefined
  /** False where the file cannot be added to. */
  #isSound = false

  /** `secret` is the text of the key that opens recordings; without one the index stands as it is. */
  constructor(dir: string, unwrapper: KeyUnwrapper | undefined, secret: string | undefined) {
    this.#dir = dir
    this.#path = join(dir, 'index')
    this.#unwrapper = unwrapper
    this.#key =
      secret === undefined
        ? undefined
        : new Uint8Array(hkdfSync('sha256', secret.trim(), '', 'sallyport recording index v1', 32))
  }

  /** Sessions that may hold what is wanted, sorted; the index is brought up to date first. */
  candidates(wanted: Wanted): readonly string[] {
    const known = this.#load()
    const fresh: Indexed[] = []
    const needles = needlesOf(wanted)
    const found: string[] = []
    const present = listSessions(this.#dir)
    for (const session of present) {
      const line = known.get(session)
      if (line !== undefined && (line.ended || line.bytes === bytesOf(this.#dir, session))) {
        const isWorthReading = needles.every((needle) => line.text.includes(needle)) || line.text.includes(vague)
        if (isWorthReading && mayHold(parsed(line.text), wanted)) found.push(session)
        continue
      }
      const indexed = this.#read(session)
      fresh.push(indexed)
      if (mayHold(indexed, wanted)) found.push(session)
    }
    this.#store(known, fresh, present)
    return found
  }

  #read(session: string): Indexed {
    const bytes = bytesOf(this.#dir, session)
    const sets = {
      subjects: new Set<string>(),
      chain: new Set<string>(),
      resources: new Set<string>(),
      rules: new Set<string>(),
      relations: new Set<string>(),
      commands: new Set<string>(),
      verbs: new Set<string>(),
      effects: new Set<string>(),
    }
    let fromMs = Number.POSITIVE_INFINITY
    let untilMs = 0
    let ended = false
    let isVague = false
    try {
      for (const { entry, wallMs } of readEntries(this.#dir, session, this.#unwrapper)) {
        fromMs = Math.min(fromMs, wallMs)
        untilMs = Math.max(untilMs, wallMs)
        if (entry.kind === 'closed') ended = true
        if (entry.kind === 'identity') {
          sets.subjects.add(entry.identity.subject)
          for (const link of entry.identity.chain) sets.chain.add(link.subject)
          sets.resources.add(entry.resource.name)
        }
        if (entry.kind !== 'action') continue
        sets.verbs.add(entry.action.verb)
        sets.effects.add(entry.decision.effect)
        for (const rule of entry.decision.rules) sets.rules.add(rule)
        for (const relation of relationsOf(entry.action)) sets.relations.add(relation)
        for (const command of commandsOf(entry.action)) sets.commands.add(command)
      }
    } catch (error) {
      if (!(error instanceof RecordingError) || error.code === 'wrong_key') throw error
      // What is damaged is told each time that something is searched.
      isVague = true
    }
    const names = (set: ReadonlySet<string>): readonly string[] => {
      if (set.size > namesMax) isVague = true
      return [...set].slice(0, namesMax)
    }
    return {
      session,
      bytes,
      fromMs: Number.isFinite(fromMs) ? fromMs : 0,
      untilMs,
      subjects: names(sets.subjects),
      chain: names(sets.chain),
      resources: names(sets.resources),
      rules: names(sets.rules),
      relations: names(sets.relations),
      commands: names(sets.commands),
      verbs: names(sets.verbs),
      effects: names(sets.effects),
      ended: ended && !isVague,
      isVague,
    }
  }

  /** What the file tells. One that another key made, or that is damaged, tells nothing and is made anew. */
  #load(): Map<string, Line> {
    const known = new Map<string, Line>()
    const file = this.#file()
    if (file === undefined || !file.subarray(0, magic.length).equals(magic)) return known
    try {
      for (let at = magic.length; at + 4 <= file.length; ) {
        const end = at + 4 + file.readUInt32BE(at)
        // A search that was killed leaves half a block.
        if (end > file.length) return known
        for (const text of this.#opened(file.subarray(at + 4, end)).split('\n')) {
          const [state = '', bytes = '', session = ''] = text.slice(0, lineHeadMax).split('\t', 3)
          known.set(session, { ended: state === 'ended', bytes: Number(bytes), text })
        }
        at = end
      }
      this.#isSound = true
    } catch {
      known.clear()
    }
    return known
  }

  #file(): Buffer | undefined {
    try {
      return existsSync(this.#path) ? readPlainFile(this.#path, indexBytesMax) : undefined
    } catch (error) {
      if (error instanceof RecordingError) return undefined
      throw error
    }
  }

  #store(known: ReadonlyMap<string, Line>, fresh: readonly Indexed[], present: readonly string[]): void {
    const isWaste = known.size > 2 * present.length + namesMax
    if (fresh.length === 0 && this.#isSound && !isWaste) return
    try {
      if (this.#isSound && !isWaste) {
        appendFileSync(this.#path, Buffer.concat([...this.#blocks(fresh.map(lineOf))]))
        return
      }
      const news = new Map(fresh.map((one) => [one.session, lineOf(one)]))
      const all = present.flatMap((session) => news.get(session) ?? known.get(session)?.text ?? [])
      // Nothing that stands under the name is written to: it may lead elsewhere.
      rmSync(`${this.#path}.new`, { force: true })
      writeFileSync(`${this.#path}.new`, Buffer.concat([magic, ...this.#blocks(all)]), { mode: 0o600, flag: 'wx' })
      renameSync(`${this.#path}.new`, this.#path)
    } catch {
      // Recordings on a medium that cannot be written are searched all the same.
    }
  }

  *#blocks(lines: readonly string[]): Generator<Buffer> {
    for (let at = 0; at < lines.length; at += blockSessions) {
      const body = this.#closed(Buffer.from(lines.slice(at, at + blockSessions).join('\n')))
      const length = Buffer.alloc(4)
      length.writeUInt32BE(body.length)
      yield Buffer.concat([length, body])
    }
  }

  #closed(plain: Buffer): Buffer {
    if (this.#key === undefined) return plain
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce)
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }

  #opened(body: Buffer): string {
    if (this.#key === undefined) return body.toString('utf8')
    const decipher = createDecipheriv('aes-256-gcm', this.#key, body.subarray(0, nonceBytes))
    decipher.setAuthTag(body.subarray(-tagBytes))
    return Buffer.concat([decipher.update(body.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString('utf8')
  }
}

const vague = '"isVague":true'
/** State, bytes and a session's id are shorter together. */
const lineHeadMax = 256

function lineOf(indexed: Indexed): string {
  const state = indexed.ended ? 'ended' : 'runs'
  return `${state}\t${indexed.bytes}\t${indexed.session}\t${JSON.stringify(indexed)}`
}

/** What a line tells. Throws where nobody wrote it. */
function parsed(line: string): Indexed {
  const indexed: unknown = JSON.parse(line.slice(line.indexOf('{')))
  if (!isIndexed(indexed)) throw new RecordingError('unreadable', 'the index of searches is damaged: remove it')
  return indexed
}

/** Texts that stand in the line of every session that has what is wanted. */
function needlesOf({ subject, chain, resource, rule, relation, command, verb, effect }: Wanted): readonly string[] {
  return [subject, chain, resource, rule, relation, command, verb, effect].flatMap((name) =>
    name === undefined ? [] : [JSON.stringify(name).slice(1, -1)],
  )
}

/** Whether a session that is told so can hold what is wanted. */
function mayHold(indexed: Indexed, wanted: Wanted): boolean {
  const { subject, chain, resource, rule, relation, command, verb, effect, sinceMs, untilMs } = wanted
  if (indexed.isVague) return true
  const has = (names: readonly string[], name: string | undefined): boolean =>
    name === undefined || names.includes(name)
  return (
    has(indexed.subjects, subject) &&
    has(indexed.chain, chain) &&
    has(indexed.resources, resource) &&
    has(indexed.rules, rule) &&
    has(indexed.commands, command) &&
    has(indexed.verbs, verb) &&
    has(indexed.effects, effect) &&
    (relation === undefined || indexed.relations.some((one) => one === relation || one.endsWith(`.${relation}`))) &&
    (sinceMs === undefined || indexed.untilMs >= sinceMs) &&
    (untilMs === undefined || indexed.fromMs <= untilMs)
  )
}

function bytesOf(dir: string, session: string): number {
  let bytes = 0
  for (const name of segmentNames(dir, session)) bytes += statSync(join(dir, 'sessions', session, name)).size
  return bytes
}

function isIndexed(value: unknown): value is Indexed {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map(Object.entries(value))
  return (
    typeof fields.get('session') === 'string' &&
    ['bytes', 'fromMs', 'untilMs'].every((name) => typeof fields.get(name) === 'number') &&
    ['ended', 'isVague'].every((name) => typeof fields.get(name) === 'boolean') &&
    ['subjects', 'chain', 'resources', 'rules', 'relations', 'commands', 'verbs', 'effects'].every((name) => {
      const names: unknown = fields.get(name)
      return Array.isArray(names) && names.every((one) => typeof one === 'string')
    })
  )
}
