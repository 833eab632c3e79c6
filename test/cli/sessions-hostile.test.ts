// Recordings that are not sealed can be anybody's: whatever stands in them, whoever reads them hears that they are damaged.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { exported, exportFormats } from '../../cli/sessions/exports.ts'
import { tail } from '../../cli/sessions/tail.ts'
import { shown } from '../../cli/sessions/transcript.ts'
import { decodeSegment } from '../../proxy/recording/frame.ts'
import { RecordingError, readEntries } from '../../proxy/recording/index.ts'
import { recorderForTest, recordSession } from '../support/recordings.ts'

test('a recording that anybody can have written is read, or called damaged, whatever its entries say', async () => {
  const made = recorderForTest({ wrapper: undefined })
  await recordSession(made.recorder.open('s-1'))
  await made.recorder.close()
  const path = join(made.folder, 'sessions', 's-1', '000000.segment')
  const whole = readFileSync(path)
  const text = whole.toString('latin1')
  const read = (): boolean => {
    try {
      for (const stored of readEntries(made.folder, 's-1', undefined)) shown(stored)
      for (const format of exportFormats) [...exported('s-1', readEntries(made.folder, 's-1', undefined), format)]
      return true
    } catch (error) {
      assert.ok(error instanceof RecordingError && error.code === 'damaged', String(error))
      return false
    }
  }
  assert.equal(read(), true)
  let damaged = 0
  // Every value of every entry is another one, of another type.
  for (const { index, 0: found } of text.matchAll(/:("[^"]+"|\d{4,}|\[[^\]]*\]|\{[^{}]*\})/g))
    for (const other of ['null', '[]', '{}', '9', '""', 'true']) {
      const room = found.length - 1
      if (other.length > room || index < 64) continue
      const changed = Buffer.from(whole)
      changed.write(other.padEnd(room), index + 1, 'latin1')
      writeFileSync(path, changed)
      if (!read()) damaged++
    }
  assert.ok(damaged > 50, `${damaged} damaged`)
  for (const time of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) {
    const changed = Buffer.from(whole)
    const { body, pieces } = decodeSegment(changed).frames[0] ?? assert.fail()
    // Behind kind and stream of the first entry: its time of day.
    const { byteOffset } = pieces?.[0]?.body ?? body
    changed.writeDoubleBE(time, byteOffset - changed.byteOffset + 2)
    writeFileSync(path, changed)
    assert.equal(read(), false)
  }
})

test('a session that is damaged and stays so is followed for a moment, and then called that', async () => {
  const made = recorderForTest()
  await recordSession(made.recorder.open('s-1'))
  await made.recorder.close()
  const path = join(made.folder, 'sessions', 's-1', '000000.segment')
  const whole = readFileSync(path)
  writeFileSync(path, 'no segment')
  await assert.rejects(
    tail(made.folder, 's-1', made.unwrapper, () => undefined),
    (error) => error instanceof RecordingError && error.code === 'damaged',
  )
  // One that is just being written is waited for.
  let told = ''
  setTimeout(() => writeFileSync(path, whole), 300)
  await tail(made.folder, 's-1', made.unwrapper, (text) => {
    told += text
  })
  assert.match(told, /closed {3}client_closed\n$/)
})
