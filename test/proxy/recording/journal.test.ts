// A machine that goes down loses what the system had not written; the journal has it, and nothing else is made of it.
import assert from 'node:assert/strict'
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { LocalRecorder, type RecordingError, readEntries, verifyRecordings } from '../../../proxy/recording/index.ts'
import { journalPath, replayJournal } from '../../../proxy/recording/journal.ts'
import { SyncThread } from '../../../proxy/recording/sync-thread.ts'
import { appended, recorderForTest } from '../../support/recordings.ts'

const waitMs = 120_000
const both = new Set(['a', 'b'])

/** What the journal of a folder makes of files that are all gone. */
function replayed(folder: string, sessions = both): { readonly [name: string]: Buffer } {
  const copy = mkdtempSync(join(tmpdir(), 'replayed-'))
  mkdirSync(join(copy, 'sessions'))
  if (existsSync(journalPath(folder))) cpSync(journalPath(folder), journalPath(copy))
  replayJournal(copy, sessions)
  assert.equal(existsSync(journalPath(copy)), false)
  const files = Object.fromEntries(
    ['a', 'b'].flatMap((name) => {
      const path = join(copy, 'sessions', name, '000000.segment')
      return existsSync(path) ? [[name, readFileSync(path)]] : []
    }),
  )
  rmSync(copy, { recursive: true })
  return files
}

async function until(holds: () => boolean): Promise<void> {
  const endMs = performance.now() + waitMs
  while (!holds()) {
    assert.ok(performance.now() < endMs, 'it did not come in time')
    await pause(2)
  }
}

/** Two files that grow in turn, synced by a thread. */
function growing(
  journalBytes: number,
  ringBytes?: number,
): {
  readonly folder: string
  readonly thread: SyncThread
  readonly faults: readonly RecordingError[]
  grow(bytes: Buffer): void
  whole(): { readonly [name: string]: Buffer }
} {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'))
  const faults: RecordingError[] = []
  const thread = new SyncThread(1, journalPath(folder), (error) => void faults.push(error), journalBytes, ringBytes)
  const files = ['a', 'b'].map((name) => {
    mkdirSync(join(folder, 'sessions', name), { recursive: true })
    const path = join(folder, 'sessions', name, '000000.segment')
    const fd = openSync(path, 'w+')
    thread.follow(fd, `${name}/000000.segment`)
    return { name, path, fd, end: 0 }
  })
  return {
    folder,
    thread,
    faults,
    grow(bytes) {
      for (const file of files) {
        const written = writeSync(file.fd, bytes, 0, bytes.length, file.end)
        // What is written stands somewhere in memory that holds other bytes too.
        const memory = Buffer.concat([Buffer.from('before'), bytes, Buffer.from('behind')])
        assert.equal(thread.wrote(file.fd, file.end, memory, 'before'.length, written), true)
        file.end += written
      }
    },
    whole: () => Object.fromEntries(files.map(({ name, path }) => [name, readFileSync(path)])),
  }
}

function same(one: { readonly [name: string]: Buffer }, other: { readonly [name: string]: Buffer }): boolean {
  return ['a', 'b'].every((name) => one[name]?.equals(other[name] ?? Buffer.alloc(0)) ?? false)
}

test('what several files grew by is in the journal, and comes back of it alone', async () => {
  const { folder, thread, faults, grow, whole } = growing(1024 * 1024)
  for (let round = 0; round < 20; round++) {
    grow(Buffer.from(`round ${round};`))
    await pause(1)
  }
  // A round may find one of the files only, and sync that; both come together in the end.
  await until(() => {
    grow(Buffer.from('more;'))
    const files = replayed(folder)
    return files['a'] !== undefined && files['b'] !== undefined
  })
  const files = replayed(folder)
  const all = whole()
  for (const name of ['a', 'b'])
    assert.ok(all[name]?.subarray(0, files[name]?.length).equals(files[name] ?? Buffer.alloc(1)))
  assert.deepEqual(replayed(folder, new Set(['c'])), {})
  await thread.close()
  assert.equal(existsSync(journalPath(folder)), false)
  assert.deepEqual(faults, [])
})

test('what two threads share is gone round many times, in pieces of any length, and all of it is in the journal', async () => {
  const { folder, thread, faults, grow, whole } = growing(1024 * 1024, 4096)
  for (let round = 0; round < 24; round++) {
    grow(Buffer.alloc(1 + ((round * 397) % 1200), round))
    await until(() => same(whole(), replayed(folder)))
  }
  assert.ok((whole()['a']?.length ?? 0) > 2 * 4096)
  // What finds no room there is synced where it stands, and is missing in the journal alone.
  for (let round = 0; round < 20; round++) grow(Buffer.alloc(1000, round))
  await until(() => {
    grow(Buffer.from('end'))
    const all = whole()
    return Object.entries(replayed(folder)).every(([name, file]) => all[name]?.subarray(0, file.length).equals(file))
  })
  await thread.close()
  assert.deepEqual(faults, [])
})

test('a journal that is full begins again, after the files themselves were synced', async () => {
  const { folder, thread, faults, grow, whole } = growing(4096)
  for (let round = 0; round < 60; round++) {
    grow(Buffer.alloc(200, round))
    await pause(1)
  }
  // What is missing in the journal by now is in the files: replayed over them nothing changes.
  const before = whole()
  const copy = mkdtempSync(join(tmpdir(), 'over-'))
  cpSync(folder, copy, { recursive: true })
  replayJournal(copy, both)
  for (const name of ['a', 'b'])
    assert.ok(readFileSync(join(copy, 'sessions', name, '000000.segment')).equals(before[name] ?? Buffer.alloc(0)))
  await thread.close()
  assert.ok(same(before, whole()))
  assert.deepEqual(faults, [])
})

test('of a journal that is cut or changed anywhere nothing comes but what was written', async () => {
  const { folder, thread, grow, whole } = growing(64 * 1024)
  // Both are marked before the thread begins its first round.
  grow(Buffer.from('some bytes;'.repeat(20)))
  await until(() => same(whole(), replayed(folder)))
  const journal = readFileSync(journalPath(folder))
  const all = whole()
  await thread.close()
  let changed = 0
  for (let at = 0; at < Math.min(journal.length, 4000); at += 7) {
    const flipped = Buffer.from(journal)
    flipped[at] = (flipped[at] ?? 0) ^ 0x10
    for (const bytes of [flipped, journal.subarray(0, at)]) {
      writeFileSync(journalPath(folder), bytes)
      for (const [name, file] of Object.entries(replayed(folder))) {
        changed++
        assert.ok(all[name]?.subarray(0, file.length).equals(file), `byte ${at}`)
      }
    }
  }
  assert.ok(changed > 10)
})

test('sessions whose files lost their ends go on in the proof where the journal has them', async () => {
  const made = recorderForTest()
  const sessions = ['a', 'b'].map((name) => made.recorder.open(name))
  const told = async (): Promise<void> => {
    for (const session of sessions)
      assert.equal(await appended(session, { kind: 'budget', budget: 'rows', limit: 1 }), undefined)
  }
  await until(() => {
    for (const session of sessions)
      session.append({ kind: 'refused', decisionId: 'd', code: 'late' }, (error) => assert.equal(error, undefined))
    return Object.values(replayed(made.folder)).length === 2
  })
  await told()
  const down = mkdtempSync(join(tmpdir(), 'down-'))
  cpSync(made.folder, down, { recursive: true })
  await made.recorder.close()
  const kept = replayed(down)
  for (const name of ['a', 'b']) truncateSync(join(down, 'sessions', name, '000000.segment'), 40)
  assert.equal(verifyRecordings(down, made.checker).whole, false)
  const again = new LocalRecorder({ ...made.config, folder: down })
  await again.close()
  for (const name of ['a', 'b']) {
    assert.ok(readFileSync(join(down, 'sessions', name, '000000.segment')).equals(kept[name] ?? Buffer.alloc(0)))
    assert.ok([...readEntries(down, name, made.unwrapper)].length > 0)
  }
  const report = verifyRecordings(down, made.checker)
  assert.equal(report.whole, true)
  assert.deepEqual(
    report.findings.map(({ what }) => what),
    ['open', 'open'],
  )
})

test('a descriptor that was closed and is another file now brings nothing into the journal', async () => {
  const { folder, thread, faults, grow } = growing(1024 * 1024)
  const foreign = join(folder, 'foreign')
  for (let round = 0; round < 30; round++) {
    const fd = openSync(foreign, 'w+')
    thread.follow(fd, `c/00000${round % 10}.segment`)
    writeSync(fd, 'foreign')
    thread.wrote(fd, 0, Buffer.from('foreign'), 0, 'foreign'.length)
    grow(Buffer.from('own;'))
    thread.forget(fd)
    closeSync(fd)
    await pause(1)
  }
  await until(() => {
    grow(Buffer.from('own;'))
    return Object.values(replayed(folder)).length === 2
  })
  for (const file of Object.values(replayed(folder))) assert.equal(file.toString().replaceAll('own;', ''), '')
  await thread.close()
  assert.deepEqual(faults, [])
})

/** What a journal brings back in a spool: two sessions whose first segments are not there. */
function broughtBack(
  journal: Buffer,
  isSpool: boolean,
  prepare: (sessions: string) => void = () => undefined,
): unknown {
  const spool = mkdtempSync(join(tmpdir(), 'spool-'))
  const sessions = join(spool, 'sessions')
  mkdirSync(sessions)
  writeFileSync(journalPath(spool), journal)
  prepare(sessions)
  replayJournal(spool, both, isSpool)
  return ['a', 'b'].map((name) => existsSync(join(sessions, name, '000000.segment')))
}

test('a segment that went to the store is not made anew of what the journal still has of it', async () => {
  const { folder, thread, grow, whole } = growing(1024 * 1024)
  grow(Buffer.from('some bytes;'))
  await until(() => same(whole(), replayed(folder)))
  const journal = readFileSync(journalPath(folder))
  await thread.close()
  const wentOn = (sessions: string): void => {
    mkdirSync(join(sessions, 'a'))
    writeFileSync(join(sessions, 'a', '000002.segment'), '')
  }
  assert.deepEqual(broughtBack(journal, true), [true, true])
  assert.deepEqual(broughtBack(journal, true, wentOn), [false, true])
  // Where nothing is sent away a name that is missing was lost, and what there is of it is better than nothing.
  assert.deepEqual(broughtBack(journal, false, wentOn), [true, true])
  const inOneJournal = growing(1024 * 1024)
  const fd = openSync(join(inOneJournal.folder, 'sessions', 'a', '000001.segment'), 'w+')
  inOneJournal.thread.follow(fd, 'a/000001.segment')
  await until(() => {
    inOneJournal.grow(Buffer.from('some bytes;'))
    inOneJournal.thread.wrote(fd, 0, Buffer.from('next'), 0, 'next'.length)
    const found = existsSync(journalPath(inOneJournal.folder)) ? readFileSync(journalPath(inOneJournal.folder)) : ''
    return found.includes('a/000001') && found.includes('b/000000')
  })
  assert.deepEqual(broughtBack(readFileSync(journalPath(inOneJournal.folder)), true), [false, true])
  await inOneJournal.thread.close()
})

test('of a segment whose beginning the journal has no more no file is made', async () => {
  const { folder, thread, grow } = growing(4096)
  await until(() => {
    grow(Buffer.alloc(100, 'x'))
    const journal = existsSync(journalPath(folder)) ? readFileSync(journalPath(folder)) : Buffer.alloc(0)
    // It began again: its first piece is of the middle of a file.
    const at = journal.indexOf('a/000000.segment')
    return at > 0 && journal.readDoubleBE(at + 'a/000000.segment'.length) > 0
  })
  const journal = readFileSync(journalPath(folder))
  await thread.close()
  for (const isSpool of [true, false]) assert.deepEqual(broughtBack(journal, isSpool), [false, false])
})
