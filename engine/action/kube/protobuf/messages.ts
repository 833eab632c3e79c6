// The messages of Kubernetes, from their compact table. A line of messages-data.ts is one message; its fields stand as
// NAME=NUMBER MARK TYPE. Marks: `:` a value, `?` a value that JSON leaves out when it is zero, `*` a list, `%` a map from
// text, `^` a message whose fields stand in JSON among those of the message around it. Types: `s` text, `i` and `l` numbers
// of 32 and 64 bits, `b` boolean, `y` bytes, `Q` Quantity, `I` IntOrString, `T` Time, `M` MicroTime, `R` JSON as bytes, or the
// number of a message. A field without a name is a list that stands for its whole message.
import { kindLines, messageLines } from './messages-data.ts'

/** One field of a message. */
export interface Field {
  readonly name: string
  readonly mark: Mark
  readonly type: FieldType
}

/** How a field stands in JSON. */
export type Mark = ':' | '?' | '*' | '%' | '^'
/** A scalar or special type by its letter, a message by its number. */
export type FieldType = 's' | 'i' | 'l' | 'b' | 'y' | 'Q' | 'I' | 'T' | 'M' | 'R' | number

/** Fields of one message by number. */
export type Message = ReadonlyMap<number, Field>

let lines: readonly string[] | undefined
let kinds: ReadonlyMap<string, number> | undefined
const parsed = new Map<number, Message>()

/** The message that holds objects of a kind; undefined when the kind is not known. */
export function messageOfKind(apiVersion: string, kind: string): number | undefined {
  kinds ??= parseKinds()
  // Options of a delete are registered in every group.
  return kinds.get(`${apiVersion} ${kind}`) ?? kinds.get(` ${kind}`)
}

/** A message by its number, read from the table when it is first asked for. */
export function messageAt(index: number): Message {
  let message = parsed.get(index)
  if (message === undefined) {
    lines ??= rows(messageLines)
    message = new Map((lines[index] ?? '').split(',').filter(Boolean).map(parseField))
    parsed.set(index, message)
  }
  return message
}

/** The lines of a table between the line ends at its start and its end; a message without fields is an empty line. */
function rows(table: string): readonly string[] {
  return table.split('\n').slice(1, -1)
}

function parseKinds(): ReadonlyMap<string, number> {
  const all = new Map<string, number>()
  for (const line of rows(kindLines)) {
    const space = line.indexOf(' ')
    for (const one of line.slice(space + 1).split(',')) {
      const [kind = '', index = ''] = one.split('=')
      all.set(`${line.slice(0, space)} ${kind}`, Number(index))
    }
  }
  return all
}

function parseField(text: string): [number, Field] {
  const [name = '', rest = ''] = text.split('=')
  const [, number = '', mark = '', type = ''] = /^(\d+)(.)(.+)$/.exec(rest) ?? []
  return [Number(number), { name, mark: markOf(mark), type: typeOf(type) }]
}

function markOf(mark: string): Mark {
  if (mark === ':' || mark === '?' || mark === '*' || mark === '%' || mark === '^') return mark
  throw new Error(`messages-data.ts has the mark ${mark}`)
}

function typeOf(type: string): FieldType {
  switch (type) {
    case 's':
    case 'i':
    case 'l':
    case 'b':
    case 'y':
    case 'Q':
    case 'I':
    case 'T':
    case 'M':
    case 'R':
      return type
    default: {
      const index = Number(type)
      if (!Number.isInteger(index)) throw new Error(`messages-data.ts has the type ${type}`)
      return index
    }
  }
}
