// Server-sent events under masks: the data of each event is masked as a whole and written anew, so that one event is out
// before the next begins. Field names that clients do not know are dropped, comments keep only their colon.
import { createStreamMasker, type DetectRule } from '../detect/index.ts'
import { addByPath, addCount } from './counts.ts'
import { JsonMaskError } from './fault.ts'
import { JsonMasker } from './masker.ts'
import { Collected } from './output.ts'
import type { PathState } from './paths.ts'

/** Bytes of one event. */
export const eventBytesMax: number = 8 * 1024 * 1024

const cr = 13
const lf = 10
/** What streams of completions end with; it is the only text that is not JSON and passes under paths. */
const doneMark = '[DONE]'

/** Masks one stream of events. */
export class EventMasker {
  readonly #paths: PathState | undefined
  readonly #rules: readonly DetectRule[]
  readonly #hashKey: Uint8Array
  readonly #line = new Collected()
  #eventBytes = 0
  #data: string[] = []
  #others: string[] = []
  #endedByCr = false
  #isFirst = true
  readonly #byPath: number[] = []
  readonly #byDetector = new Map<string, number>()
  /** Elements of arrays of all events. */
  elements = 0

  constructor(paths: PathState | undefined, rules: readonly DetectRule[], hashKey: Uint8Array) {
    this.#paths = paths
    this.#rules = rules
    this.#hashKey = hashKey
  }

  /** Adds what was replaced so far: by paths, under their names, and by detectors. */
  addTo(counts: Map<string, number>, names: readonly string[]): void {
    addByPath(counts, names, this.#byPath)
    for (const [name, count] of this.#byDetector) addCount(counts, name, count)
  }

  /** Takes a chunk and answers the events that are whole by now. Throws JsonMaskError. */
  push(bytes: Buffer): Buffer {
    let out = ''
    let start = 0
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]
      if (byte !== cr && byte !== lf) {
        this.#endedByCr = false
        continue
      }
      const isSecond = byte === lf && this.#endedByCr
      this.#endedByCr = byte === cr
      if (!isSecond) {
        this.#keep(bytes, start, at)
        out += this.#lineEnd()
      }
      start = at + 1
    }
    this.#keep(bytes, start, bytes.length)
    return Buffer.from(out)
  }

  /** Nothing follows; an event that is not whole is none (HTML 9.2.6). */
  end(): Buffer {
    return Buffer.alloc(0)
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    this.#eventBytes += end - start
    if (this.#eventBytes > eventBytesMax) throw new JsonMaskError('too_long')
    if (end > start) this.#line.append(bytes, start, end)
  }

  #lineEnd(): string {
    let line: string
    try {
      line = utf8.decode(this.#line.bytes())
    } catch {
      throw new JsonMaskError('not_utf8')
    }
    this.#line.clear()
    // Clients take a byte order mark off; a name behind one would be another name here than there.
    if (this.#isFirst && line.startsWith('\ufeff')) line = line.slice(1)
    this.#isFirst = false
    if (line === '') return this.#eventEnd()
    if (line.startsWith(':')) return ':\n'
    const mark = line.indexOf(':')
    const name = mark < 0 ? line : line.slice(0, mark)
    const value = mark < 0 ? '' : line.slice(line[mark + 1] === ' ' ? mark + 2 : mark + 1)
    if (name === 'data') this.#data.push(value)
    else if (name === 'event' || name === 'id' || name === 'retry') this.#others.push(`${name}: ${value}\n`)
    return ''
  }

  #eventEnd(): string {
    const others = this.#detected(this.#others.join(''))
    const data = this.#data.length === 0 ? '' : this.#shown(this.#data.join('\n'))
    this.#others = []
    this.#data = []
    this.#eventBytes = 0
    const lines =
      data === ''
        ? ''
        : data
            .split('\n')
            .map((line) => `data: ${line}\n`)
            .join('')
    return others === '' && lines === '' ? '' : `${others}${lines}\n`
  }

  #shown(data: string): string {
    if (this.#paths === undefined || data === doneMark || data === '') return this.#detected(data)
    const masker = new JsonMasker(this.#paths, { hashKey: this.#hashKey, countsPaths: true })
    const bytes = Buffer.concat([masker.push(Buffer.from(data)), masker.end()])
    this.elements += masker.elements
    for (const [path, count] of (masker.byPath ?? []).entries())
      this.#byPath[path] = (this.#byPath[path] ?? 0) + (count ?? 0)
    return this.#detected(bytes.toString('utf8'))
  }

  #detected(text: string): string {
    if (this.#rules.length === 0 || text === '') return text
    const masker = createStreamMasker(this.#rules, this.#hashKey)
    const bytes = Buffer.concat([masker.push(Buffer.from(text)), masker.end()])
    for (const [name, count] of masker.counts) addCount(this.#byDetector, name, count)
    return bytes.toString('utf8')
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
