// A shell of single commands: which lines start, one after another, and how it is left.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommandShell } from '../../../proxy/terminal/index.ts'

interface Held {
  readonly shell: CommandShell
  readonly started: string[]
  readonly left: number[]
  shown: string
}

function held(echoes = true): Held {
  const made: { started: string[]; left: number[]; shown: string } = { started: [], left: [], shown: '' }
  const shell = new CommandShell({
    name: 'web',
    echoes,
    show: (text) => {
      made.shown += text
    },
    start: (line) => void made.started.push(line),
    leave: (status) => void made.left.push(status),
  })
  shell.begin()
  return Object.assign(made, { shell })
}

test('a line starts when the one before is over, and the last status is that of leaving', () => {
  const one = held()
  one.shell.push(Buffer.from('ls\rid\rexit\r'))
  assert.deepEqual(one.started, ['ls'])
  one.shell.ended(0)
  assert.deepEqual(one.started, ['ls', 'id'])
  one.shell.ended(7)
  assert.deepEqual(one.left, [7])
  one.shell.push(Buffer.from('more\r'))
  assert.deepEqual(one.started, ['ls', 'id'])
})

test('only what was allowed comes back by the arrows and by `history`', () => {
  const one = held()
  one.shell.push(Buffer.from('ls\r'))
  one.shell.allowed('ls')
  one.shell.ended(0)
  one.shell.push(Buffer.from('rm x\r'))
  one.shell.ended(126)
  one.shell.push(Buffer.from('\x1b[A\r'))
  assert.deepEqual(one.started, ['ls', 'rm x', 'ls'])
  one.shell.ended(0)
  one.shown = ''
  one.shell.push(Buffer.from('history\r'))
  assert.match(one.shown, /\nls\nweb> $/)
})

test('an interrupt forgets the line, and end of input at an empty one leaves', () => {
  const one = held()
  one.shell.push(Buffer.from('rm -rf /\x03\x04'))
  assert.deepEqual([one.started, one.left], [[], [0]])
  assert.match(one.shown, /\^C\nweb> \n$/)
})

test('without a terminal nothing is shown, a last line without its end runs, and one that starts nothing leaves', () => {
  const one = held(false)
  one.shell.push(Buffer.from('id'))
  one.shell.end()
  assert.deepEqual([one.started, one.left, one.shown], [['id'], [], ''])
  one.shell.ended(3)
  assert.deepEqual(one.left, [3])
  const other = held(false)
  other.shell.push(Buffer.from('help'))
  other.shell.end()
  assert.deepEqual([other.started, other.left], [[], [0]])
})

test('whoever types far too much ahead is told, and one that is gone starts nothing', () => {
  const one = held()
  one.shell.push(Buffer.from('sleep\r'))
  assert.equal(one.shell.push(Buffer.alloc(2 * 1024 * 1024, 'x')), false)
  const gone = held()
  gone.shell.push(Buffer.from('sleep\rrm x\r'))
  gone.shell.close()
  gone.shell.ended(0)
  assert.deepEqual(gone.started, ['sleep'])
})
