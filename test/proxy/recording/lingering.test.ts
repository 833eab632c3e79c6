// What nobody waits for is handed over in its time, and by no timer where it went along with something else.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Lingerer, Lingering } from '../../../proxy/recording/lingering.ts'

interface Counted extends Lingerer {
  flushes: number
}

function one(onFlush: () => void = () => undefined): Counted {
  const counted: Counted = {
    lingersSince: 0,
    isLingering: false,
    flushes: 0,
    flush: () => {
      counted.flushes++
      onFlush()
    },
  }
  return counted
}

function ticking(context: TestContext): (ms: number) => void {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  return (ms) => {
    for (let passed = 0; passed < ms; passed++) context.mock.timers.tick(1)
  }
}

test('what lingers is handed over within five milliseconds, and once', (context) => {
  const pass = ticking(context)
  const lingering = new Lingering()
  const first = one()
  const second = one()
  lingering.ask(first)
  pass(1)
  lingering.ask(second)
  assert.deepEqual([first.flushes, second.flushes], [0, 0])
  pass(4)
  assert.deepEqual([first.flushes, second.flushes], [1, 1])
  pass(20)
  assert.deepEqual([first.flushes, second.flushes], [1, 1])
  lingering.ask(first)
  pass(5)
  assert.deepEqual([first.flushes, second.flushes], [2, 1])
})

test('whoever hands over by itself and asks anew is left alone, until it rests', (context) => {
  const pass = ticking(context)
  const lingering = new Lingering()
  const busy = one()
  for (let statement = 0; statement < 50; statement++) {
    lingering.ask(busy)
    pass(1)
  }
  assert.equal(busy.flushes, 0)
  pass(5)
  assert.equal(busy.flushes, 1)
})

test('who asks while handing over gets another turn', (context) => {
  const pass = ticking(context)
  const lingering = new Lingering()
  let more = true
  const asking: Counted = one(() => {
    if (more) lingering.ask(asking)
    more = false
  })
  lingering.ask(asking)
  pass(5)
  assert.equal(asking.flushes, 1)
  pass(5)
  assert.equal(asking.flushes, 2)
  pass(20)
  assert.equal(asking.flushes, 2)
})

test('after its end nothing is handed over', (context) => {
  const pass = ticking(context)
  const lingering = new Lingering()
  const left = one()
  lingering.ask(left)
  lingering.close()
  pass(20)
  assert.equal(left.flushes, 0)
})
