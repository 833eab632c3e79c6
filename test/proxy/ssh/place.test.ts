// Where a forward may lead: one way to write each place, and nothing that a resolver reads otherwise than policy.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayListen, placeOf } from '../../../proxy/ssh/place.ts'

const taken: readonly (readonly [host: string, as: string])[] = [
  ['db.internal', 'db.internal'],
  ['DB.Internal', 'db.internal'],
  ['my_host-1', 'my_host-1'],
  ['10.0.0.1', '10.0.0.1'],
  ['::1', '::1'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['2001:DB8::0001', '2001:db8::1'],
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['::FFFF:7f00:1', '127.0.0.1'],
]
for (const [host, as] of taken)
  test(`a forward to ${host} is judged as one to ${as}`, () => {
    assert.deepEqual(placeOf({ host, port: 80 }), { host: as, port: 80 })
  })

test('a host that resolvers read otherwise than it stands is refused', () => {
  const hosts = [
    '',
    '0',
    '127.1',
    '0x7f.1',
    '2130706433',
    '0177.0.0.1',
    '127.0.0.01',
    '127.0.0.1.',
    'a.b.',
    '.',
    'a..b',
  ]
  const odd = [
    'a b',
    'a\0b',
    'a\nb',
    '/run/x',
    'a%b',
    'fe80::1%eth0',
    '[::1]',
    '::1]',
    'bücher',
    '\u202eab',
    '1.2.3.0x4',
  ]
  for (const host of [...hosts, ...odd, `${'a'.repeat(64)}.b`, `${'a.'.repeat(127)}ab`])
    assert.equal(placeOf({ host, port: 80 }), undefined, host)
})

test('a port is one that there is', () => {
  for (const port of [0, -1, 65_536, 65_558, 2 ** 32 - 1, 1.5]) {
    assert.equal(placeOf({ host: 'a', port }), undefined, String(port))
    assert.equal(mayListen({ host: '', port }), port === 0, String(port))
  }
  assert.deepEqual(placeOf({ host: 'a', port: 65_535 }), { host: 'a', port: 65_535 })
})

test('a host may be asked to listen at its addresses, by name or all', () => {
  for (const host of ['', '*', 'localhost', '0.0.0.0', '::']) assert.equal(mayListen({ host, port: 8080 }), true, host)
  for (const host of ['0', '/run/x', 'a b']) assert.equal(mayListen({ host, port: 8080 }), false, host)
})
