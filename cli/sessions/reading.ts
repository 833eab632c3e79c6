// A session of a database or an API as a person reads it: each statement or request, what was decided, and what the client
// was shown.
import type { StoredEntry } from '../../proxy/recording/index.ts'
import { isText, RowsShown } from './rows-shown.ts'
import { shown, visible } from './transcript.ts'

/** Characters of one line, and bytes of one answer that is no table. */
const lineCharsMax = 500
const bodyBytesMax = 4096
const textLinesMax = 200
const indent = '    '

/** Makes lines of entries. */
export class Reading {
  readonly #rowsMax: number
  #rows: RowsShown | undefined
  #isTable = false
  /** Bytes of the answer that were shown, and not. */
  #bodyBytes = 0

  /** `rowsMax`: rows of each result, or lines of each answer, that are shown. */
  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax
  }

  /** The lines of one entry. */
  lines(stored: StoredEntry): readonly string[] {
    const { entry } = stored
    if (entry.kind === 'identity') this.#isTable = entry.resource.protocol === 'postgres'
    if (entry.kind === 'action') {
      this.#bodyBytes = 0
      return actionLines(stored, entry)
    }
    if (entry.kind === 'wire') return this.#wire(entry.direction, entry.bytes).map((line) => indent + line)
    const line = shown(stored)
    return line === undefined ? [] : [line]
  }

  #wire(direction: 'up' | 'down', bytes: Uint8Array): readonly string[] {
    if (this.#rowsMax === 0) return []
    if (this.#isTable) {
      // What a client sent is in its actions.
      if (direction === 'up') return []
      this.#rows ??= new RowsShown(this.#rowsMax)
      return this.#rows.push(bytes)
    }
    const left = Math.max(0, bodyBytesMax - this.#bodyBytes)
    this.#bodyBytes += bytes.length
    if (left === 0) return []
    if (!isText(bytes)) return [`${bytes.length} bytes that are no text`]
    const lines = Buffer.from(bytes.subarray(0, left)).toString('utf8').split('\n').slice(0, this.#rowsMax)
    const whole = lines.map((line) => cut(visible(line)))
    return bytes.length > left ? [...whole, '...'] : whole
  }
}

/** A statement of several lines stays one. */
function actionLines(stored: StoredEntry, entry: Extract<StoredEntry['entry'], { kind: 'action' }>): readonly string[] {
  const [first = '', ...more] = entry.action.text.trimEnd().split('\n').slice(0, textLinesMax)
  const head = shown({ ...stored, entry: { ...entry, action: { ...entry.action, text: first } } }) ?? ''
  return [head, ...more.map((line) => `${indent}${cut(visible(line))}`)]
}

function cut(line: string): string {
  return line.length > lineCharsMax ? `${line.slice(0, lineCharsMax)}...` : line
}
