// Asks the server what names are read by, after something may have changed it out of sight. SHOW takes no snapshot and can
// be shadowed by nothing, so the question leaves the client's transaction as it is, and what it prepared without a name.
import type { SqlSession } from '../../engine/action/sql/index.ts'
import { decodeRow, encodeScript, type Frame, messageTypes as is } from './wire/index.ts'

/** The question. */
export const probeQuery: Uint8Array = encodeScript('sallyport_names', [
  'SHOW search_path',
  'SHOW role',
  'SHOW session_authorization',
])

/** What the question has answers for, and the longest of them that is read. */
const answersMax = 3
const answerCharsMax = 16 * 1024

/** The answer to one question, row by row. */
export class Probe {
  readonly #values: string[] = []
  #failed = false

  /** Takes a message of the answer; true when it was the last. */
  take(frame: Frame): boolean {
    if (frame.type === is.error) this.#failed = true
    for (const row of frame.type === is.row ? frame.singles() : []) {
      const [value] = decodeRow(row)
      if (value === undefined || value === null || this.#values.length >= answersMax || value.length > answerCharsMax)
        this.#failed = true
      else this.#values.push(value.toString('utf8'))
    }
    return frame.type === is.ready
  }

  /** The session as the server says it is; as it was, in doubt, where the answer is none. */
  settle(session: SqlSession): SqlSession {
    const [path = '', role = '', authorization = ''] = this.#values
    const names = splitPath(path)
    if (this.#failed || authorization === '' || names === undefined) return session
    // Whether that is the session's own temporary schema is not known.
    if (names.some((name) => name.startsWith('pg_temp_'))) return session
    // Within a transaction the path may be the transaction's own; what stands behind it is asked when it has ended.
    return session.withRole(role === 'none' ? authorization : role).withSearchPath(names, session.inTransaction)
  }
}

/** The schemas of a search path as SHOW prints it: names between commas, quoted where they have to be. */
export function splitPath(text: string): readonly string[] | undefined {
  if (text.trim() === '' || text.trim() === '""') return []
  const names: string[] = []
  let at = 0
  for (;;) {
    while (text[at] === ' ') at++
    let name = ''
    if (text[at] === '"') {
      for (at++; ; at++) {
        if (at >= text.length) return undefined
        if (text[at] !== '"') name += text[at]
        else if (text[at + 1] === '"') {
          name += '"'
          at++
        } else break
      }
      at++
    } else while (at < text.length && text[at] !== ',' && text[at] !== ' ') name += (text[at++] ?? '').toLowerCase()
    if (name === '') return undefined
    names.push(name)
    while (text[at] === ' ') at++
    if (at >= text.length) return names
    if (text[at] !== ',') return undefined
    at++
  }
}
