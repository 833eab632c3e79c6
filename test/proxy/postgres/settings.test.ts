// What a client may set at start-up, by parameters of its own or within `options`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startupSettings } from '../../../proxy/postgres/settings.ts'

const read = (parameters: { readonly [name: string]: string }) => startupSettings(new Map(Object.entries(parameters)))

const taken: readonly (readonly [string, { readonly [name: string]: string }, { readonly [name: string]: string }])[] =
  [
    ['formats', { user: 'a', database: 'b', DateStyle: 'ISO' }, { DateStyle: 'ISO' }],
    [
      'switches',
      { options: '-c statement_timeout=5s  --lock-timeout=1s -cjit=off' },
      { statement_timeout: '5s', lock_timeout: '1s', jit: 'off' },
    ],
    ['escaped spaces', { options: '-c datestyle=Postgres,\\ MDY' }, { datestyle: 'Postgres, MDY' }],
    ['a parameter over a switch of its name', { options: '-c timezone=UTC', timezone: 'CET' }, { timezone: 'CET' }],
    ['names of protocol extensions, which are no settings', { '_pq_.x': '1' }, {}],
  ]
for (const [what, parameters, settings] of taken)
  test(`takes ${what}`, () =>
    assert.deepEqual(read(parameters), { ok: true, settings: new Map(Object.entries(settings)) }))

const refused: readonly (readonly [string, { readonly [name: string]: string }, RegExp])[] = [
  ['a setting that is not listed', { work_mem: '1GB' }, /"work_mem" is refused/],
  ['the same within switches', { options: '-c session_preload_libraries=x' }, /"session_preload_libraries" is refused/],
  ['a search path of its own', { search_path: 'evil' }, /"search_path" is refused/],
  ['a search path', { options: '-csearch_path=evil' }, /"search_path" is refused/],
  ['the same hidden by an escape', { options: '-csearch\\_path=evil' }, /"search_path" is refused/],
  [
    'strings that mean something else',
    { options: '-c standard_conforming_strings=off' },
    /change what statements mean/,
  ],
  ['another encoding, in any case', { options: '--Client-Encoding=SJIS' }, /change what statements mean/],
  ['other switches', { options: '-f s' }, /only -c NAME=VALUE/],
  ['a switch without its value', { options: '-c' }, /only -c NAME=VALUE/],
  ['a role', { role: 'postgres' }, /"role" is refused/],
]
for (const [what, parameters, message] of refused)
  test(`refuses ${what}`, () => {
    const answer = read(parameters)
    assert.ok(!answer.ok)
    assert.match(answer.message, message)
  })
