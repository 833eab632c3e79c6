// Lexemes by their bytes: what is found in a text is marked in it, so that every expectation can be read.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  leadBefore,
  listEnd,
  qualifierEnd,
  relationEnd,
  topWords,
} from '../../../../../engine/action/sql/substitute/lexemes.ts'

/** The text before `|` is what is read from its beginning; the sign itself is not of the text. */
function ends(end: (bytes: Buffer, start: number) => number, marked: readonly string[]): void {
  for (const text of marked) {
    const place = Buffer.from(text).indexOf('|')
    const bytes = Buffer.from(text.replace('|', ''))
    assert.equal(bytes.subarray(0, end(bytes, 0)).toString(), bytes.subarray(0, place).toString(), text)
  }
}

test('the name of a relation ends behind its last part, or the star of its children', () => {
  ends(relationEnd, [
    't| where',
    't|',
    '"t"| as a',
    '"a""b"|',
    'ünder_$1|+1',
    's.t|, u',
    'd . s.t|.x',
    's\n.\t"T"|)',
    't *| , u',
    't| * (2)',
    '|',
    '|1',
    '|(t)',
    "|'t'",
  ])
})

test('a qualifier ends behind its point', () => {
  ends(qualifierEnd, ['s.|t', 's . |t', '"s.""x"\n. |t', '|s t', '|s', '|.t', '|'])
})

test('a list ends with its bracket, whatever is quoted in it', () => {
  ends(listEnd, [' (a, b)| to stdout', '\n(a, "b)", c)| to', `(U&"\\0061)", "x""(")| to`, '| to stdout', '|(a, b'])
})

test('TABLE and ONLY are seen right before a name', () => {
  const lead = (text: string): string | undefined => {
    const bytes = Buffer.from(text.replace('|', ''))
    const found = leadBefore(bytes, Buffer.from(text).indexOf('|'))
    return found === undefined ? undefined : `${found.word} at ${found.at}`
  }
  assert.equal(lead('table |t'), 'table at 0')
  assert.equal(lead('select from ONLY\n\t|t'), 'only at 12')
  assert.equal(lead('"ü" table |t'), 'table at 5')
  assert.equal(lead('select from xonly |t'), undefined)
  assert.equal(lead('select from |t'), undefined)
  assert.equal(lead('|t'), undefined)
  assert.equal(lead(`table${' '.repeat(300)}|t`), undefined)
})

test('words at the top are those outside of brackets and quotes', () => {
  const words = (text: string): string => {
    const bytes = Buffer.from(`é;${text};where`)
    return topWords(bytes, 3, bytes.length - 6)
      .map(({ word, at }) => {
        assert.equal(bytes.toString('utf8', at, at + Buffer.byteLength(word)).toLowerCase(), word)
        return word
      })
      .join(' ')
  }
  for (const [text, expected] of [
    ["update t set a = 'where' WHERE b", 'update t set a where b'],
    ["a = '' where '''' returning b", 'a where returning b'],
    ["a = e'\\' where ''\\\\' returning x", 'a returning x'],
    ["a = E'it''s where' where x", 'a where x'],
    ["a = n'where' b'1' x'1f' u&'where'", 'a n b x u'],
    ['"where" "a""where" where', 'where'],
    ['$$ where $$ $a$ where $$ $b$ $a$ where $1 a$b$c $2', 'where a$b$c'],
    ['(select where) x[where] where', 'x where'],
    ['1e5 0x1f 1_000 where 1.5where', 'where'],
    ['a-b where a - b/c where', 'a b where a b c where'],
    ['wherever wo_where ünder where', 'wherever wo_where ünder where'],
  ] as const)
    assert.equal(words(text), expected, text)
})
