// Private keys of every kind, in every form that OPA reads, and those that it does not.
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { BuiltinError } from '../../../rego/builtins/index.ts'
import { writeJson } from '../../../rego/value/index.ts'
import { callWith } from './call.ts'

const parse = 'crypto.x509.parse_rsa_private_key'
const list = 'crypto.parse_private_keys'

const curve = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'sec1' = 'pkcs8'): string =>
  key.export({ format: 'pem', type }).toString()

function json(name: string, text: string): unknown {
  const value = callWith(name, [text])
  return value === undefined ? undefined : JSON.parse(writeJson(value))
}

test('keys of every kind that has a JWK are given as one', () => {
  for (const key of [rsa, curve('P-256'), curve('P-384'), curve('P-521'), generateKeyPairSync('ed25519').privateKey]) {
    assert.deepEqual(json(parse, pem(key)), key.export({ format: 'jwk' }))
  }
  assert.deepEqual(json(parse, pem(rsa, 'pkcs1')), rsa.export({ format: 'jwk' }))
  const ec = curve('P-256')
  assert.deepEqual(json(parse, pem(ec, 'sec1')), ec.export({ format: 'jwk' }))
  assert.deepEqual(json(parse, Buffer.from(pem(ec)).toString('base64')), ec.export({ format: 'jwk' }))
})

test('keys that OPA does not know are refused, and nothing breaks', () => {
  const unknown = [curve('secp256k1'), generateKeyPairSync('ed448').privateKey, generateKeyPairSync('x448').privateKey]
  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey
  for (const key of [...unknown, pss])
    for (const name of [parse, list]) assert.throws(() => callWith(name, [pem(key)]), BuiltinError)
  assert.throws(() => callWith(parse, [pem(curve('secp224r1'))]), BuiltinError)
  const mislabelled = pem(rsa).replaceAll('PRIVATE KEY', 'RSA PRIVATE KEY')
  assert.throws(() => callWith(list, [mislabelled]), BuiltinError)
  assert.throws(() => callWith(parse, [`text before\n${pem(rsa)}`]), BuiltinError)
})

test('a block that is not whole is none', () => {
  const text = pem(rsa)
  for (const cut of [text.slice(0, 400), text.replaceAll('\n', ''), text.replace('END PRIVATE', 'END RSA PRIVATE')]) {
    assert.equal(callWith(parse, [cut]), null)
    assert.deepEqual(callWith(list, [cut]), [])
  }
  assert.deepEqual(json(list, `${text.slice(0, 400)}\n${text}`), json(list, text))
})

test('a list of keys has the numbers of those of curves without a JWK, too', () => {
  const key = curve('secp224r1')
  const [found] = json(list, pem(key, 'sec1')) as readonly Record<string, unknown>[]
  assert.deepEqual(Object.keys(found ?? {}), ['Curve', 'D', 'X', 'Y'])
  const p256 = curve('P-256')
  const { x = '', d = '' } = p256.export({ format: 'jwk' })
  const text = writeJson(callWith(list, [pem(p256)]) ?? null)
  const number = (part: string): bigint => BigInt(`0x${Buffer.from(part, 'base64url').toString('hex')}`)
  assert.ok(text.includes(`"D":${number(d)},`) && text.includes(`"X":${number(x)},`), text)
  assert.deepEqual(json(list, pem(generateKeyPairSync('x25519').privateKey)), [{}])
})
