// What a database answered, read from the frames that went to the client: columns, rows, tags and errors as lines. Frames
// may be missing or cut, because a recording keeps what it is told to keep.
import { visible } from './transcript.ts'

/** Bytes of one frame that is read; a larger one is told by its size. */
const frameBytesMax = 1024 * 1024
const cellCharsMax = 100
const hexBytesMax = 32
const headBytes = 5
/** Frames that a server sends. */
const known: ReadonlySet<string> = new Set([...'RSKZTDCEN12nstIAGHWdcV3v'])
/** Those that bring data. */
const textFormat = 0

/** Reads the answers of one session. */
export class RowsShown {
  readonly #rowsMax: number
  #waiting: Buffer = Buffer.alloc(0)
  /** Bytes of a frame that is too large to be read. */
  #skipped = 0
  #formats: readonly number[] = []
  #rows = 0

  /** `rowsMax`: rows of one result that are shown. */
  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax
  }

  /** The lines that these bytes bring. */
  push(bytes: Uint8Array): readonly string[] {
    const lines: string[] = []
    const skipped = Math.min(this.#skipped, bytes.length)
    this.#skipped -= skipped
    let view = Buffer.concat([this.#waiting, bytes.subarray(skipped)])
    while (view.length >= headBytes) {
      const type = String.fromCharCode(view[0] ?? 0)
      const length = view.readUInt32BE(1)
      if (!known.has(type) || length < 4) {
        // The rest of a frame whose beginning was not kept.
        view = Buffer.alloc(0)
        break
      }
      if (length > frameBytesMax) {
        lines.push(`a frame of ${length + 1} bytes`)
        this.#skipped = Math.max(0, length + 1 - view.length)
        view = view.subarray(length + 1)
        continue
      }
      if (view.length < length + 1) break
      this.#take(type, view.subarray(headBytes, length + 1), lines)
      view = view.subarray(length + 1)
    }
    this.#waiting = Buffer.from(view)
    return lines
  }

  #take(type: string, body: Buffer, lines: string[]): void {
    switch (type) {
      case 'T': {
        const columns = columnsOf(body)
        this.#formats = columns.map(({ format }) => format)
        this.#rows = 0
        lines.push(columns.map(({ name }) => cell(name)).join(' | '))
        return
      }
      case 'D':
        if (this.#rows++ < this.#rowsMax) lines.push(valuesOf(body, this.#formats).join(' | '))
        return
      case 'd':
        if (this.#rows++ < this.#rowsMax) lines.push(cell(withoutEnd(body.toString('utf8'))))
        return
      case 'G':
      case 'H':
      case 'W':
        this.#rows = 0
        return
      case 'C':
        this.#end(lines, textAt(body, 0).text)
        return
      case 's':
        this.#end(lines, 'more is to come')
        return
      case 'E':
      case 'N':
        lines.push(reportOf(body))
        return
      default:
        return
    }
  }

  #end(lines: string[], tag: string): void {
    const left = this.#rows - this.#rowsMax
    if (left > 0) lines.push(`... ${left} more`)
    lines.push(visible(tag))
    this.#rows = 0
    this.#formats = []
  }
}

interface Column {
  readonly name: string
  readonly format: number
}

function columnsOf(body: Buffer): readonly Column[] {
  const columns: Column[] = []
  const count = body.length < 2 ? 0 : body.readUInt16BE(0)
  for (let at = 2; columns.length < count; ) {
    const name = textAt(body, at)
    // Table, number, type, size, modifier, format.
    const end = name.end + 18
    if (end > body.length) break
    columns.push({ name: name.text, format: body.readUInt16BE(end - 2) })
    at = end
  }
  return columns
}

function valuesOf(body: Buffer, formats: readonly number[]): readonly string[] {
  const values: string[] = []
  const count = body.length < 2 ? 0 : body.readUInt16BE(0)
  for (let at = 2; values.length < count && at + 4 <= body.length; ) {
    const length = body.readInt32BE(at)
    at += 4
    if (length < 0) {
      values.push('')
      continue
    }
    const bytes = body.subarray(at, at + length)
    values.push((formats[values.length] ?? textFormat) === textFormat && isText(bytes) ? cell(`${bytes}`) : hex(bytes))
    at += length
  }
  return values
}

/** Severity, code, text and detail of an error or a notice. */
function reportOf(body: Buffer): string {
  const fields = new Map<string, string>()
  for (let at = 0; at < body.length && body[at] !== 0; ) {
    const { text, end } = textAt(body, at + 1)
    fields.set(String.fromCharCode(body[at] ?? 0), text)
    at = end
  }
  const detail = fields.get('D')
  return visible(
    `${fields.get('S') ?? 'ERROR'} ${fields.get('C') ?? ''}: ${fields.get('M') ?? ''}${detail === undefined ? '' : ` (${detail})`}`,
  )
}

function textAt(body: Buffer, at: number): { readonly text: string; readonly end: number } {
  const zero = body.indexOf(0, at)
  const end = zero < 0 ? body.length : zero
  return { text: body.toString('utf8', at, end), end: end + 1 }
}

function cell(text: string): string {
  const shown = visible(text)
  return shown.length > cellCharsMax ? `${shown.slice(0, cellCharsMax)}...` : shown
}

function hex(bytes: Buffer): string {
  return `\\x${bytes.toString('hex', 0, hexBytesMax)}${bytes.length > hexBytesMax ? '...' : ''}`
}

/** Whether bytes are text that a person can read. */
export function isText(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

function withoutEnd(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text
}
