// Tokens: the vectors of NIST for FF1, and what a token keeps of its value.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FF1 } from '@noble/ciphers/ff1'
import fc from 'fast-check'
import { maskText } from '../../../engine/masking/index.ts'
import { tokenCharactersMax, tokenOf, valueOfToken } from '../../../engine/masking/token.ts'

const key = Buffer.from('a key of some length')

/** The samples that NIST publishes with SP 800-38G for FF1: key, tweak, radix, plain text, cipher text. */
const samples: readonly (readonly [string, string, number, string, string])[] = [
  ['2B7E151628AED2A6ABF7158809CF4F3C', '', 10, '0123456789', '2433477484'],
  ['2B7E151628AED2A6ABF7158809CF4F3C', '39383736353433323130', 10, '0123456789', '6124200773'],
  ['2B7E151628AED2A6ABF7158809CF4F3C', '3737373770717273373737', 36, '0123456789abcdefghi', 'a9tv40mll9kdu509eum'],
  ['2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F', '', 10, '0123456789', '2830668132'],
  ['2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F', '39383736353433323130', 10, '0123456789', '2496655549'],
  [
    '2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F',
    '3737373770717273373737',
    36,
    '0123456789abcdefghi',
    'xbj3kv35jrawxv32ysr',
  ],
  ['2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94', '', 10, '0123456789', '6657667009'],
  [
    '2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94',
    '39383736353433323130',
    10,
    '0123456789',
    '1001623463',
  ],
  [
    '2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94',
    '3737373770717273373737',
    36,
    '0123456789abcdefghi',
    'xs8a0azh2avyalyzuwd',
  ],
]

test('encrypts and decrypts the samples of NIST for FF1', () => {
  const numbers = (text: string): number[] => [...text].map((one) => Number.parseInt(one, 36))
  for (const [sampleKey, tweak, radix, plain, sealed] of samples) {
    const cipher = FF1(radix, Buffer.from(sampleKey, 'hex'), Buffer.from(tweak, 'hex'))
    assert.deepEqual(cipher.encrypt(numbers(plain)), numbers(sealed), sealed)
    assert.deepEqual(cipher.decrypt(numbers(sealed)), numbers(plain), plain)
  }
})

const long = fc.stringMatching(/^[a-zA-Z0-9]{6}[a-zA-Z0-9 @.-]{0,40}$/)

test('turns every token back, and keeps its length, its separators and its kind of characters', () => {
  fc.assert(
    fc.property(long, (value) => {
      const token = tokenOf(value, key)
      assert.ok(token !== null)
      assert.equal(valueOfToken(token, key), value)
      const form = (text: string): string => text.replace(/[a-zA-Z0-9]/g, 'x')
      assert.equal(form(token), form(value))
      const kinds = (text: string): readonly boolean[] => [/[0-9]/, /[a-z]/, /[A-Z]/].map((kind) => kind.test(text))
      if (!/[a-zA-Z]/.test(value)) assert.deepEqual(kinds(token), kinds(value))
    }),
    { numRuns: 300 },
  )
})

test('gives equal values equal tokens and different ones different tokens', () => {
  const tokens = Array.from({ length: 300 }, (_, index) => tokenOf(`4111-1111-1111-${1000 + index}`, key))
  assert.equal(new Set(tokens).size, 300)
  assert.equal(tokenOf('4111-1111-1111-1000', key), tokens[0])
  for (const token of tokens) assert.match(token ?? '', /^\d{4}-\d{4}-\d{4}-\d{4}$/)
})

test('another key makes another token, and turns one into something else', () => {
  const token = tokenOf('4111111111111111', key) ?? ''
  assert.notEqual(tokenOf('4111111111111111', Buffer.from('another')), token)
  assert.notEqual(valueOfToken(token, Buffer.from('another')), '4111111111111111')
})

test('has no token for what is too short to hide, too long, or not of ASCII', () => {
  for (const value of ['', '12345', 'abc', '------', 'Zoë Quist 1234567', '7'.repeat(tokenCharactersMax + 1)]) {
    assert.equal(tokenOf(value, key), null, value)
    assert.equal(valueOfToken(value, key), null, value)
  }
  assert.notEqual(tokenOf('123456', key), null)
  assert.notEqual(tokenOf('7'.repeat(tokenCharactersMax), key), null)
})

test('is what the strategy `tokenize` makes, and nothing is shown where there is no token', () => {
  assert.equal(maskText('tokenize', '4111 1111 1111 1111', key), tokenOf('4111 1111 1111 1111', key))
  assert.equal(maskText('tokenize', '123', key), null)
})
