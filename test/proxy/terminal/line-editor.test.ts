// A line typed at the gateway: what keys make of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LineEditor, lineMax } from '../../../proxy/terminal/line-editor.ts'

function editor(history: readonly string[] = [], echoes = true): LineEditor {
  return new LineEditor({
    echoes,
    history: () => history,
    complete: (beginning) => ['status', 'start', 'ls'].filter((word) => word.startsWith(beginning)),
  })
}

/** The lines that keys make, and what happens beside. */
function typed(keys: string, one = editor()): string[] {
  one.push(Buffer.from(keys))
  const events: string[] = []
  for (let edit = one.next(); edit !== undefined; edit = one.next()) {
    if (edit.do === 'show') continue
    events.push(edit.do === 'line' ? `line ${edit.line}` : edit.do)
    if (edit.do === 'line') one.clear()
  }
  return events
}

for (const [what, keys, want] of [
  ['letters and both ways to end a line', 'ls -l\rid\r\nwho\n', ['line ls -l', 'line id', 'line who']],
  ['backspaces', 'lss\x7f\x08\x08id\r', ['line id']],
  ['arrows and inserting', 'l -a\x1b[D\x1b[D\x1b[D\x02s\x05x\r', ['line sl -ax']],
  ['killing to either end and a word', 'one two\x17three\x01\x0b\x15four\r', ['line four']],
  ['Home, End and Delete', 'abc\x1b[H\x1b[3~\x1b[Fd\r', ['line bcd']],
  ['a paste with its borders', '\x1b[200~echo hi\x1b[201~\r', ['line echo hi']],
  ['sequences of no meaning', 'a\x1b[15~\x1b[1;5Cb\x1bOPc\x1bxd\r', ['line abcd']],
  ['interrupt and end of input', 'abc\x03\x04', ['interrupt']],
  ['the end of input at an empty line', '\x04', ['end']],
  ['other control characters', 'a\x1a\x12b\r', ['control', 'control', 'line ab']],
  ['letters of more than a byte', 'caf\u00e9\x7fe \u4f60\r', ['line cafe \u4f60']],
] as const)
  test(`knows ${what}`, () => assert.deepEqual(typed(keys), want))

test('brings lines back and completes words', () => {
  assert.deepEqual(typed('\x1b[A\x1b[A\x1b[B\r', editor(['first', 'second'])), ['line second'])
  assert.deepEqual(typed('\x1b[A\x1b[A\x1b[A!\r', editor(['first', 'second'])), ['line first!'])
  assert.deepEqual(typed('sta\tr\t\r'), ['line start '])
  assert.deepEqual(typed('none\t\r'), ['line none'])
})

test('a line has an end, and without a terminal keys are letters', () => {
  assert.deepEqual(typed(`${'x'.repeat(lineMax + 10)}\r`), [`line ${'x'.repeat(lineMax)}`])
  assert.deepEqual(typed('a\x7f\x15b\n', editor([], false)), ['line a\x7f\x15b'])
})

test('keys in any pieces make the same line', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', '\u00e9', ' ', '\x7f', '\x1b[D', '\x1b[C', '\x01', '\x05', '\x17', '\x1b[3~')),
      fc.array(fc.nat({ max: 60 })),
      (keys, cuts) => {
        const bytes = Buffer.from(`${keys.join('')}\r`)
        const whole = typed(bytes.toString())
        const one = editor()
        const events: string[] = []
        const at = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length]
        for (const [index, from] of at.entries()) {
          one.push(bytes.subarray(from, at[index + 1] ?? bytes.length))
          for (let edit = one.next(); edit !== undefined; edit = one.next())
            if (edit.do === 'line') events.push(`line ${edit.line}`)
        }
        assert.deepEqual(events, whole)
      },
    ),
  )
})
