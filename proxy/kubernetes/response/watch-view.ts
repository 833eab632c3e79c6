// Events of a watch under filters. An API server tells a watcher with a selector of an object that moves out of it as
// deleted, and of one that moves in as added; the same is said here of what a filter shows and hides.
import type { KubeJson } from '../../../engine/action/kube/index.ts'
import { plainStatus, printStatus } from '../status.ts'
import type { ObjectFilter } from './filter.ts'
import { AnswerError, isApiTable, isStatus, parseAnswer } from './object-masker.ts'
import type { Shown } from './shown.ts'
import { type Changeable, field } from './value-mask.ts'

/** What becomes of an event: it goes on under a type, another is told in its place, nothing is, or the watch is over. */
export type EventFate =
  | { readonly do: 'pass'; readonly type: string | undefined; readonly columns: Changeable }
  | { readonly do: 'tell'; readonly text: string }
  | { readonly do: 'drop' }
  | { readonly do: 'expire'; readonly text: string }

const drop: EventFate = { do: 'drop' }
const pass: EventFate = { do: 'pass', type: undefined, columns: null }

/** One watcher's view. */
export class WatchView {
  readonly #filters: readonly ObjectFilter[]
  readonly #shown: Shown
  /** The columns of a table, which come with the first event alone, while no event went on. */
  #columns: Changeable = null

  constructor(filters: readonly ObjectFilter[], shown: Shown) {
    this.#filters = filters
    this.#shown = shown
  }

  /** What becomes of one event. Throws AnswerError. */
  judge(text: string): EventFate {
    const event = parseAnswer(text)
    const type = field(event, 'type')
    if (type === 'BOOKMARK' || type === 'ERROR') return pass
    const object = field(event, 'object')
    if (isStatus(object)) return pass
    const rows = isApiTable(object) ? field(object, 'rows') : undefined
    if (rows === undefined) return this.#object(type, object, (gone) => ({ type: 'DELETED', object: gone }), null)
    if (!Array.isArray(rows) || rows.length !== 1)
      throw new AnswerError('an event of more or fewer objects than one cannot be filtered')
    const columns = field(object, 'columnDefinitions')
    if (columns !== null) this.#columns = columns
    const [row = null] = rows
    const cells = field(row, 'cells')
    const said = (gone: Changeable): Changeable => ({
      type: 'DELETED',
      object: {
        kind: 'Table',
        apiVersion: field(object, 'apiVersion'),
        metadata: { resourceVersion: field(field(gone, 'metadata'), 'resourceVersion') },
        columnDefinitions: this.#columnsOnce(),
        rows: [{ cells: cellsOf(cells, gone), object: gone }],
      },
    })
    return this.#object(type, field(row, 'object'), said, columns)
  }

  #object(type: Changeable, object: Changeable, said: (gone: Changeable) => Changeable, own: Changeable): EventFate {
    if (object === null) return drop
    const key = objectKey(object)
    const wasShown = this.#shown.has(key)
    const isSeen = this.#filters.every((filter) => filter.sees(object))
    if (type === 'DELETED' || !isSeen) this.#shown.delete(key)
    if (!isSeen) return wasShown ? { do: 'tell', text: JSON.stringify(said(remains(object))) } : drop
    if (type !== 'DELETED' && !this.#shown.add(key)) return { do: 'expire', text: expired() }
    const columns = own === null ? this.#columnsOnce() : null
    if (own !== null) this.#columns = null
    return { do: 'pass', type: type === 'MODIFIED' && !wasShown ? 'ADDED' : undefined, columns }
  }

  /** The columns, where an event that did not go on had them. */
  #columnsOnce(): Changeable {
    const columns = this.#columns
    this.#columns = null
    return columns
  }
}

/** What names an object among all that are watched. */
export function objectKey(object: KubeJson): string {
  const metadata = member(object, 'metadata')
  const uid = member(metadata, 'uid')
  if (typeof uid === 'string' && uid !== '') return uid
  return JSON.stringify([member(metadata, 'namespace'), member(metadata, 'name')])
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : null
}

/** Of an object that may not be seen any more: that which names it, which its watcher knows. */
function remains(object: Changeable): Changeable {
  const metadata = field(object, 'metadata')
  const told: { [key: string]: Changeable } = {}
  for (const name of ['name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp']) {
    const value = field(metadata, name)
    if (value !== null) told[name] = value
  }
  return { kind: field(object, 'kind'), apiVersion: field(object, 'apiVersion'), metadata: told }
}

/** A row of as many cells, of which the first is the name. */
function cellsOf(cells: Changeable, gone: Changeable): Changeable {
  if (!Array.isArray(cells)) return []
  return cells.map((_, at) => (at === 0 ? field(field(gone, 'metadata'), 'name') : null))
}

function expired(): string {
  const status = plainStatus(410, 'Expired', 'too many objects to watch under a filter: list them again')
  return `{"type":"ERROR","object":${printStatus(status).trimEnd()}}`
}
