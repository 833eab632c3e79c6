// Errors, notices and notifications of the server while something protected is in reach: what can carry values is
// taken out. The SQLSTATE stays, and the names of constraints and columns.
import { cstring, encodeFrame, Reader } from './wire/index.ts'

/** Fields that name things and hold no values: severity, code, schema, table, column, type, constraint, source place. */
const kept = new Set(['S', 'V', 'C', 's', 't', 'c', 'd', 'n', 'F', 'L', 'R'])

/** Classes of errors whose text is made of the statement and of names, unless code that somebody wrote raised it. */
const harmlessClasses = new Set([
  '00',
  '01',
  '03',
  '08',
  '0A',
  '25',
  '26',
  '28',
  '34',
  '3B',
  '3D',
  '3F',
  '40',
  '42',
  '53',
  '54',
  '55',
  '57',
])

/** What stands for the text of an error or notice. */
const withheld = 'the text is withheld: it could tell a masked value'

/** An ErrorResponse or NoticeResponse without what could tell a value. Its position would be one of the rewritten text. */
export function scrubReport(type: 'E' | 'N', body: Uint8Array): Buffer {
  const reader = new Reader(body)
  const fields: [string, string][] = []
  for (let code = reader.byte(); code !== 0; code = reader.byte())
    fields.push([String.fromCharCode(code), reader.cstring()])
  reader.end()
  const value = (code: string): string => fields.find(([at]) => at === code)?.[1] ?? ''
  const raised = value('W') !== '' || value('F') === 'pl_exec.c'
  const shown = harmlessClasses.has(value('C').slice(0, 2)) && !raised
  const parts = fields.flatMap(([code, text]) => {
    if (kept.has(code) || (code === 'H' && shown)) return [Buffer.from(code), cstring(text)]
    return code === 'M' ? [Buffer.from(code), cstring(shown ? text : withheld)] : []
  })
  return encodeFrame(type, ...parts, Buffer.of(0))
}

/** A NotificationResponse without its payload, which a trigger can fill. */
export function scrubNotification(body: Uint8Array): Buffer {
  const reader = new Reader(body)
  const process = reader.int32()
  const channel = reader.cstring()
  reader.cstring()
  reader.end()
  const id = Buffer.alloc(4)
  id.writeInt32BE(process)
  return encodeFrame('A', id, cstring(channel), cstring(''))
}
