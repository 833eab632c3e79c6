// Comment blanking against what the server's scanner does, and strict decoding.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blankComments, checkText, decodeStatement } from '../../../../engine/action/sql/index.ts'

const blanked = (text: string): string => blankComments(text).text

test('keeps a text without comments', () => {
  const text = `SELECT '--', "/*", $q$ -- $q$, E'\\'--', U&'--', 1 - -1, a/b`
  assert.equal(blanked(text), text)
})

test('ends a line comment at LF and CR only', () => {
  assert.equal(blanked('a --x\nb'), 'a    \nb')
  assert.equal(blanked('a --x\rb'), 'a    \rb')
  assert.equal(blanked('a --\u2028 b'), 'a      ')
  assert.equal(blanked('a --\u0085 b'), 'a      ')
})

test('nests block comments', () => {
  assert.equal(blanked('a /* /* */ b */ c'), `a ${' '.repeat(13)} c`)
  assert.equal(blanked('/* /* */ a'), '/* /* */ a', 'an unterminated comment stays for the parser to refuse')
})

test('finds a comment inside an operator', () => {
  assert.equal(blanked('1 +--x\n2'), '1 +   \n2')
  assert.equal(blanked('2 */* x */ 3'), '2 *        3')
})

test('reads escapes only in E strings and in their continuations', () => {
  assert.equal(blanked(`E'\\' -- ' -- x`), `E'\\' -- '     `)
  assert.equal(blanked(`'\\' -- '`), `'\\'     `)
  assert.equal(blanked(`E'a' --c\n '\\'--' --d`), `E'a'    \n '\\'--'    `)
  assert.equal(blanked(`fooE'\\'--'`), `fooE'\\'   `)
})

test('reads dollar quotes as the server does', () => {
  assert.equal(blanked('$a$ -- $a$ -- b'), '$a$ -- $a$     ')
  assert.equal(blanked('a$b$ -- $b$'), `a$b$${' '.repeat(7)}`)
  assert.equal(blanked('$1 -- x'), '$1     ')
})

test('finds no comment in its own output', () => {
  for (const text of [`a--b\n'c'--\n'd' /*'*/`, `"a--"--\n$$--$$/**/`, `E'\\\\'--'`, '/**/--/*\n*/']) {
    assert.equal(blanked(blanked(text)), blanked(text))
  }
})

test('decodes strict UTF-8 and refuses the rest', () => {
  assert.equal(decodeStatement(Buffer.from('SELECT 1')), 'SELECT 1')
  const refused = (bytes: Uint8Array): string => {
    const result = decodeStatement(bytes)
    return typeof result === 'string' ? 'accepted' : result.code
  }
  assert.equal(refused(Buffer.from('a\u0000b')), 'nul')
  assert.equal(refused(Uint8Array.of(0x95, 0x5c)), 'not_utf8')
  assert.equal(refused(Uint8Array.of(0xed, 0xa0, 0x80)), 'not_utf8')
  assert.equal(refused(new Uint8Array(2 * 1024 * 1024).fill(32)), 'too_long')
  assert.equal(checkText('SELECT 1'), undefined)
  assert.equal(checkText('\ud800')?.code, 'not_utf8')
  assert.equal(checkText('a\u0000')?.code, 'nul')
})
