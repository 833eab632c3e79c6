// SCRAM-SHA-256 as RFC 5802 computes it, the first time and when the derived key is known.
import assert from 'node:assert/strict'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import { ScramClient, ScramError } from '../../../proxy/postgres/scram.ts'

const nonce = 'rOprNGfwEbeRWgbNEkqO'
const challenge = (salt: string, iterations: number): string =>
  `r=${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF,s=${Buffer.from(salt).toString('base64')},i=${iterations}`
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** What the server computes on its side. */
function server(password: string, salt: string, iterations: number): { final: string; signature: string } {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const clientKey = hmac(salted, 'Client Key')
  const without = `c=biws,r=${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF`
  const message = `n=,r=${nonce},${challenge(salt, iterations)},${without}`
  const signature = hmac(createHash('sha256').update(clientKey).digest(), message)
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)))
  return {
    final: `${without},p=${proof.toString('base64')}`,
    signature: `v=${hmac(hmac(salted, 'Server Key'), message).toString('base64')}`,
  }
}

test('the proof is the one of this password, salt and count, however often it is asked for', async () => {
  for (const [password, salt, iterations] of [
    ['pencil', 'salt one', 4096],
    ['pencil', 'salt two', 4096],
    ['pencil', 'salt one', 4097],
    ['other', 'salt one', 4096],
    ['pencil', 'salt one', 4096],
  ] as const) {
    const client = new ScramClient(password, nonce)
    const { final, signature } = server(password, salt, iterations)
    assert.equal(await client.final(challenge(salt, iterations)), final)
    client.verify(signature)
    assert.throws(() => client.verify(server('wrong', salt, iterations).signature), ScramError)
  }
})

test('a challenge that no honest server sends is refused', async () => {
  for (const bad of [
    'r=other,s=c2FsdA==,i=4096',
    `r=${nonce},s=c2FsdA==,i=4096`,
    `r=${nonce}x,s=,i=4096`,
    `r=${nonce}x,s=c2FsdA==,i=0`,
    `r=${nonce}x,s=c2FsdA==,i=1000001`,
    `r=${nonce}x,s=${'A'.repeat(4000)},i=4096`,
  ])
    await assert.rejects(new ScramClient('pencil', nonce).final(bad), ScramError)
  assert.throws(() => new ScramClient('pencil', nonce).verify('v='), ScramError)
})
