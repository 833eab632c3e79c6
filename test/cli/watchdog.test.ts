// Which processes the parent of several takes for standing still: those that answer nothing for so many rounds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Watchdog, type Watched } from '../../cli/serve/processes/watchdog.ts'

interface Scene {
  readonly dog: Watchdog
  readonly asked: number[]
  readonly silent: [number, number][]
  readonly traced: number[]
  rounds(count: number): void
}

function scene(watched: () => readonly Omit<Watched, 'ask'>[], isTraced = false): Scene {
  const asked: number[] = []
  const silent: [number, number][] = []
  const traced: number[] = []
  const dog = new Watchdog({
    watched: () => watched().map((one) => ({ ...one, ask: () => asked.push(one.pid) })),
    silent: ({ pid }, seconds) => silent.push([pid, seconds]),
    traced: ({ pid }) => traced.push(pid),
    isTraced: () => isTraced,
  })
  // Rounds are made here, not by time.
  dog.close()
  return { dog, asked, silent, traced, rounds: (count) => Array.from({ length: count }, () => dog.round()) }
}

test('a process that answers is left as it is, one that does not is told of after 15 rounds', () => {
  const { dog, asked, silent, rounds } = scene(() => [
    { process: 1, pid: 11, isReady: true },
    { process: 2, pid: 12, isReady: true },
  ])
  for (let round = 0; round < 15; round++) {
    rounds(1)
    dog.answered(11, false)
  }
  assert.deepEqual(silent, [])
  assert.equal(asked.length, 30)
  rounds(1)
  assert.deepEqual(silent, [[12, 15]])
})

test('one answer in time starts the count again', () => {
  const { dog, silent, rounds } = scene(() => [{ process: 1, pid: 11, isReady: true }])
  rounds(15)
  dog.answered(11, false)
  rounds(15)
  assert.deepEqual(silent, [])
  rounds(1)
  assert.deepEqual(silent, [[11, 15]])
})

test('a process that starts has five minutes', () => {
  const { silent, rounds } = scene(() => [{ process: 1, pid: 11, isReady: false }])
  rounds(300)
  assert.deepEqual(silent, [])
  rounds(1)
  assert.deepEqual(silent, [[11, 300]])
})

test('another process under the same number begins anew', () => {
  let pid = 11
  const { silent, rounds } = scene(() => [{ process: 1, pid, isReady: true }])
  rounds(15)
  pid = 12
  rounds(15)
  assert.deepEqual(silent, [])
})

test('a process under a debugger is never taken for one that stands still, until it answers without', () => {
  const { dog, silent, rounds } = scene(() => [{ process: 1, pid: 11, isReady: true }])
  dog.answered(11, true)
  rounds(100)
  assert.deepEqual(silent, [])
  dog.answered(11, false)
  rounds(16)
  assert.deepEqual(silent, [[11, 15]])
})

test('a process that another traces is told of once and left as it is', () => {
  const { silent, traced, rounds } = scene(() => [{ process: 1, pid: 11, isReady: true }], true)
  rounds(100)
  assert.deepEqual([silent, traced], [[], [11]])
})
