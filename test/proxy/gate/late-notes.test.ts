// Counts of rows are written with the next action, after a moment, or at the end: never lost, never out of order.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGate, type GateSession } from '../../../proxy/gate/index.ts'
import { noteDelayMs } from '../../../proxy/gate/late-notes.ts'
import { gateParts, SeenEffects, sampleAction, sampleOpening, type TestParts } from '../../support/gate.ts'

async function openSession(parts: TestParts): Promise<{ session: GateSession; kinds: () => string[] }> {
  const opened = await createGate(parts).open(sampleOpening())
  assert.ok(opened.open)
  const recorder = parts.recorder.sessions.get(opened.session.id)
  return { session: opened.session, kinds: () => (recorder?.accepted ?? []).slice(2).map(({ kind }) => kind) }
}

function read(session: GateSession, rows: number): void {
  const effects = new SeenEffects()
  const submission = session.submit(sampleAction(), {}, effects)
  session.consume({ rows, bytes: rows }, effects.forwarded[0])
  submission.finish()
}

test('the rows of an action are written with the next action, before it', async () => {
  const { session, kinds } = await openSession(gateParts())
  read(session, 3)
  assert.deepEqual(kinds(), ['action'])
  read(session, 4)
  assert.deepEqual(kinds(), ['action', 'rows', 'action'])
})

test('where no action follows they are written after a moment', async () => {
  const parts = gateParts()
  const { session, kinds } = await openSession(parts)
  read(session, 3)
  parts.clock.advance(2 * noteDelayMs)
  assert.deepEqual(kinds(), ['action', 'rows'])
  read(session, 3)
  parts.clock.advance(2 * noteDelayMs)
  assert.deepEqual(kinds(), ['action', 'rows', 'action', 'rows'])
})

test('a session that closes writes what it kept back, and an action without rows leaves nothing to write', async () => {
  const parts = gateParts()
  const { session, kinds } = await openSession(parts)
  read(session, 0)
  read(session, 2)
  session.close('client_closed')
  assert.deepEqual(kinds(), ['action', 'action', 'rows'])
  parts.clock.advance(2 * noteDelayMs)
  assert.deepEqual(kinds(), ['action', 'action', 'rows'])
})

test('frames are written with what comes next, in order, and at once where they are many', async () => {
  const { session, kinds } = await openSession(gateParts())
  session.observe('wire_up', Buffer.from('asked'))
  read(session, 1)
  session.observe('wire_down', Buffer.from('answered'))
  assert.deepEqual(kinds(), ['wire', 'action'])
  read(session, 1)
  assert.deepEqual(kinds(), ['wire', 'action', 'rows', 'wire', 'action'])
  session.observe('wire_down', Buffer.alloc(100_000))
  assert.deepEqual(kinds(), ['wire', 'action', 'rows', 'wire', 'action', 'rows', 'wire'])
  for (let sent = 0; sent < 20; sent++) session.observe('wire_down', Buffer.alloc(1000))
  assert.ok(kinds().length > 7)
})

test('a recorder that gathers has frames and counts of rows as they come; what was kept back before goes first', async () => {
  const parts = gateParts()
  const { session, kinds } = await openSession(parts)
  const recorder = parts.recorder.sessions.get(session.id)
  assert.ok(recorder)
  session.observe('wire_up', Buffer.from('kept back'))
  recorder.gathers = true
  session.observe('wire_up', Buffer.from('asked'))
  assert.deepEqual(kinds(), ['wire', 'wire'])
  read(session, 1)
  session.observe('wire_down', Buffer.from('answered'))
  session.observe('terminal_out', Buffer.from('shown'))
  assert.deepEqual(kinds(), ['wire', 'wire', 'action', 'rows', 'wire'])
  session.close('client_closed')
  assert.deepEqual(kinds(), ['wire', 'wire', 'action', 'rows', 'wire', 'terminal'])
})

test('a frame that a gathering recorder cannot take ends the session', async () => {
  const parts = gateParts()
  const { session, kinds } = await openSession(parts)
  const recorder = parts.recorder.sessions.get(session.id)
  assert.ok(recorder)
  recorder.gathers = true
  recorder.mode = 'fail'
  const ends: string[] = []
  session.onEnd(({ code }) => ends.push(code))
  session.observe('wire_up', Buffer.from('asked'))
  assert.deepEqual(ends, ['not_recorded'])
  assert.deepEqual(kinds(), [])
})
