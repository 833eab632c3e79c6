// Actions in parts say what the whole said: whatever comes again, changes, or is too long to be kept.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type ActionDocument,
  actionSchema,
  type ShellFacts,
  type SqlFacts,
  type SqlStatement,
  withDigest,
} from '../../../engine/action/index.ts'
import type { Decision } from '../../../engine/decision/index.ts'
import { HeardParts } from '../../../proxy/recording/action-entry.ts'
import { SaidParts } from '../../../proxy/recording/action-parts.ts'
import { decodeEntries, type RecordedAction } from '../../../proxy/recording/entry.ts'
import { EntryBuffer } from '../../../proxy/recording/entry-buffer.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { allowed } from '../../support/recordings.ts'

interface Judged {
  readonly document: ActionDocument
  readonly decision: Decision
}

function bytesOf({ viewed, length }: EntryBuffer): Buffer {
  return viewed.bytes.subarray(0, length)
}

/** What one reader makes of what one writer wrote, a frame each. */
function through(
  judged: readonly Judged[],
  restartAt = -1,
): { readonly read: RecordedAction[]; readonly bytes: number[] } {
  const said = new SaidParts()
  const heard = new HeardParts()
  const bytes: number[] = []
  const read = judged.map((one, index) => {
    if (index === restartAt) said.restart()
    const buffer = new EntryBuffer()
    buffer.add({ kind: 'action', ...one }, index, index, said)
    bytes.push(buffer.length)
    const [stored] = decodeEntries(bytesOf(buffer), index, 1, heard)
    assert.equal(stored?.entry.kind, 'action')
    return stored.entry
  })
  return { read, bytes }
}

/** What a reader must find: the JSON of what was judged, without what the identity entry says. */
function expected({ document, decision }: Judged): unknown {
  const { digest: _, ...action } = document.action
  const { state, usage } = document.session
  return JSON.parse(
    JSON.stringify({ kind: 'action', action, session: { state, usage }, context: document.context, decision }),
  )
}

const statement: SqlStatement = {
  kind: 'select',
  verb: 'read',
  text: 'SELECT total FROM orders',
  relations: [],
  functions: [],
  outputs: [{ name: 'total', sources: [], direct: true, known: true }],
  predicates: [],
  assignments: [],
  objects: [],
  options: [],
  where: null,
  limit: null,
  returning: false,
  dynamic: false,
  settings: [],
  complete: true,
  reasons: [],
}
const sql: SqlFacts = { statements: [statement], parameters: [], protocol: 'simple' }
const base = sampleDocument({ text: 'SELECT total FROM orders', sql })

function variant(changes: Partial<ActionDocument['action']>, more: Partial<ActionDocument> = {}): ActionDocument {
  const { digest: _, ...action } = base.action
  return withDigest({ ...base, schema: actionSchema, ...more, action: { ...action, ...changes } })
}

/** The same statement about another row, as analyzers answer: all below it is shared. */
function numbered(number: number): ActionDocument {
  const text = `SELECT ${number};`
  return variant({ text, sql: { ...sql, statements: [{ ...statement, text: text.slice(0, -1) }] } })
}

test('an action that comes again takes a few bytes, and reads the same', () => {
  const again = Array.from({ length: 4 }, () => ({ document: base, decision: allowed }))
  const { read, bytes } = through(again)
  for (const one of read) assert.deepEqual(one, expected({ document: base, decision: allowed }))
  assert.ok((bytes[3] ?? 0) < 180, `${bytes}`)
  assert.ok((bytes[0] ?? 0) > 400, `${bytes}`)
})

test('texts that differ in a number share their statement, and each keeps its own text', () => {
  const judged = [1, 2, 33_333, 2].map((number) => ({ document: numbered(number), decision: allowed }))
  const { read, bytes } = through(judged)
  assert.deepEqual(read, judged.map(expected))
  assert.ok((bytes[2] ?? 0) < 220, `${bytes}`)
})

test('a field that changes below a shared statement is no longer shared', () => {
  const judged = [
    { document: base, decision: allowed },
    { document: variant({ sql: { ...sql, statements: [{ ...statement, limit: 7 }] } }), decision: allowed },
    { document: variant({ complete: false }), decision: allowed },
    { document: variant({ sql: { ...sql, statements: [statement, statement] } }), decision: allowed },
    { document: variant({ sql: { ...sql, statements: [] } }), decision: allowed },
  ]
  assert.deepEqual(through(judged).read, judged.map(expected))
})

test('every field of a statement is told when it alone is another', () => {
  for (const [field, value] of Object.entries(statement)) {
    // An analyzer's answer to a text that it knows shares all but the text.
    if (field === 'text' || field === 'outputs') continue
    const other =
      typeof value === 'boolean' ? !value : typeof value === 'string' ? `${value}_x` : value === null ? 7 : []
    // A list of relations has the names by which they are searched.
    const list = field === 'relations' ? [{ schema: 'public', name: 'other' }] : ['other']
    const changed = { ...statement, [field]: Array.isArray(other) ? list : other }
    const judged = [
      { document: base, decision: allowed },
      { document: variant({ sql: { ...sql, statements: [changed] } }), decision: allowed },
    ]
    assert.deepEqual(through(judged).read, judged.map(expected), field)
  }
})

test('what was forgotten is said again', () => {
  const judged = Array.from({ length: 3 }, () => ({ document: base, decision: allowed }))
  const { read, bytes } = through(judged, 2)
  assert.deepEqual(read, judged.map(expected))
  assert.equal(bytes[2], bytes[0])
})

test('a time that is no text of milliseconds keeps its words', () => {
  const document = variant({}, { context: { ...base.context, time: '2026-11-20T12:00:00Z' } })
  const judged = [
    { document, decision: allowed },
    { document: base, decision: allowed },
  ]
  assert.deepEqual(through(judged).read, judged.map(expected))
})

test('every time comes back as it was written, and none is taken for another', () => {
  const at = (time: string): Judged => ({
    document: variant({}, { context: { ...base.context, time } }),
    decision: allowed,
  })
  const odd = [
    ...['2026-02-29T00:00:00.000Z', '2026-02-30T00:00:00.000Z', '2026-00-01T00:00:00.000Z', '2026-13-01T00:00:00.000Z'],
    ...['2026-01-00T00:00:00.000Z', '2026-01-01T24:00:00.000Z', '2026-01-01T00:60:00.000Z', '2026-01-01T00:00:60.000Z'],
    ...['0099-01-01T00:00:00.000Z', '2026-01-01T00:00:00.0000', '2026-01-01t00:00:00.000Z', '202x-01-01T00:00:00.000Z'],
    ...[
      '2026-01-01T00:00:00.+10Z',
      '+275760-09-13T00:00:00.000Z',
      '2024-02-29T23:59:59.999Z',
      '2026-12-31T23:59:59.999Z',
    ],
  ].map(at)
  assert.deepEqual(through(odd).read, odd.map(expected))
  const any = fc.integer({ min: Date.UTC(-2, 0, 1), max: Date.UTC(12_000, 0, 1) })
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 8 }), (times) => {
      const judged = times.map((ms) => at(new Date(ms).toISOString()))
      assert.deepEqual(through(judged).read, judged.map(expected))
    }),
    { numRuns: 300 },
  )
})

test('a command that comes again with its analysis says what stands beside it each time', () => {
  const shell: ShellFacts = { operation: 'exec', commands: [], redirects: [], complete: true, reasons: [] }
  const { digest: _, sql: __, ...action } = base.action
  const command = (changes: Partial<ActionDocument['action']>): Judged => ({
    document: withDigest({ ...base, action: { ...action, operation: 'exec', text: 'ls', shell, ...changes } }),
    decision: allowed,
  })
  const judged = [
    command({}),
    command({}),
    command({ text: 'ls -l' }),
    command({ verb: 'write' }),
    command({ operation: 'line' }),
    command({ stage: 'response' }),
    command({ complete: false }),
    command({ shell: { ...shell, terminal: true } }),
    command({ sql }),
    command({}),
  ]
  assert.deepEqual(through(judged).read, judged.map(expected))
})

test('whatever is recorded in whatever order reads as it was judged', () => {
  const denied: Decision = { ...allowed, effect: 'deny', denials: [{ rule: 'policy.a.deny', message: 'no' }] }
  const strict: Decision = { ...allowed, effect: 'allow', masks: [], filters: [], limits: { rows: 1 } }
  const long = 'x'.repeat(20_000)
  const decision = fc.constantFrom<Decision>(allowed, denied, strict, { ...allowed })
  const state = fc.constantFrom<ActionDocument['session']['state']>({}, { role: 'a' }, { role: 'a', path: ['b'] })
  const document = fc
    .tuple(
      fc.oneof(
        fc.constant(base),
        fc.integer({ min: 0, max: 3 }).map(numbered),
        fc.constantFrom('ls', long).map((text) => variant({ text })),
        fc.constantFrom('ls', 'ł∑😀').map((text) => {
          const { digest: _, sql: __, ...action } = base.action
          return withDigest({ ...base, action: { ...action, text } })
        }),
      ),
      state,
      fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { maxLength: 3 }),
      fc.nat(),
    )
    .map(([one, settings, parameters, rows]) => {
      const { digest: _, ...action } = one.action
      return withDigest({
        ...one,
        session: { ...one.session, state: settings, usage: { ...one.session.usage, rows } },
        action: action.sql === undefined ? action : { ...action, sql: { ...action.sql, parameters } },
      })
    })
  fc.assert(
    fc.property(
      fc.array(fc.record({ document, decision }), { minLength: 1, maxLength: 12 }),
      fc.nat(12),
      (judged, restartAt) => {
        assert.deepEqual(through(judged, restartAt).read, judged.map(expected))
      },
    ),
    { numRuns: 150 },
  )
})

test('bytes that nobody wrote are damage, wherever they are cut or changed', () => {
  const said = new SaidParts()
  const buffer = new EntryBuffer()
  buffer.add({ kind: 'action', document: base, decision: allowed }, 1, 1, said)
  const whole = Buffer.from(bytesOf(buffer))
  const headBytes = 22
  let refused = 0
  for (let length = headBytes; length < whole.length; length++) {
    const cut = Buffer.from(whole.subarray(0, length))
    cut.writeUInt32BE(length - headBytes, headBytes - 4)
    try {
      decodeEntries(cut, 0, 1)
      // Only the id, which is what is left, can be shorter.
      assert.ok(length >= whole.length - allowed.id.length)
    } catch (error) {
      assert.equal(Reflect.get(Object(error), 'code'), 'damaged')
      refused++
    }
  }
  assert.equal(refused, whole.length - headBytes - allowed.id.length)
  const lost = new EntryBuffer()
  lost.add({ kind: 'action', document: base, decision: allowed }, 1, 1, said)
  assert.throws(() => decodeEntries(bytesOf(lost), 0, 1), { code: 'damaged' })
})
