import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { BundleError, type BundleFile } from '../../bundles/format/index.ts'
import { fileDigest, signFiles, type Verification } from '../../bundles/signing/index.ts'
import type { Activation, BundleSource, DeliverySink } from '../../bundles/source/index.ts'
import {
  type Composition,
  checkFreshness,
  type Freshness,
  Keeper,
  noFreshness,
  PolicyStore,
  type StoreEvent,
} from '../../bundles/store/index.ts'
import type { PolicyHost } from '../../engine/evaluate/index.ts'
import { writeJson } from '../../rego/value/index.ts'

const secret = { key: 'secret', algorithm: 'HS256' } as const
const verification: Verification = {
  keys: new Map([['k', secret]]),
  keyId: 'k',
  scope: '',
  excludeFiles: [],
  allowWeakHashes: false,
}
const fileOf = (path: string, text: string): BundleFile => ({ path, bytes: Buffer.from(text) })
const plain = (revision: string, data = '{}', roots = '[""]'): readonly BundleFile[] => [
  fileOf('.manifest', `{"revision":"${revision}","roots":${roots}}`),
  fileOf('data.json', data),
]

async function signedBundle(
  revision: string,
  claims: { iat?: number; exp?: number } = {},
): Promise<readonly BundleFile[]> {
  const files = plain(revision)
  return [...files, { path: '.signatures.json', bytes: await signFiles(files, secret, { keyid: 'k', ...claims }) }]
}

/** A source that a test drives by hand. */
class HandSource implements BundleSource {
  #sink: DeliverySink | undefined
  start(sink: DeliverySink): void {
    this.#sink = sink
  }
  answers = Promise.resolve()
  refresh(): Promise<void> {
    return this.answers
  }
  fail(error: Error): void {
    this.#sink?.failed(error)
  }
  unchanged(): void {
    this.#sink?.unchanged()
  }
  close(): Promise<void> {
    return Promise.resolve()
  }
  deliver(files: readonly BundleFile[], whole?: boolean): Promise<Activation> {
    assert.ok(this.#sink)
    const said = whole === undefined ? {} : { whole: () => Promise.resolve(whole) }
    return this.#sink.deliver({ files, etag: undefined, ...said })
  }
}

function storeWith(options: {
  verification?: Verification
  freshness?: Freshness
  keeper?: Keeper
  names?: readonly string[]
  digest?: NonNullable<ConstructorParameters<typeof PolicyStore>[0]['digest']>
  now?: () => number
  startWait?: { withPolicyMs: number; withoutMs: number }
  /** What does not load, by the revision of the composition. */
  refuses?: (revision: string) => boolean
}) {
  const events: StoreEvent[] = []
  const loaded: Composition[] = []
  const sources = new Map((options.names ?? ['main']).map((name) => [name, new HandSource()]))
  const store = new PolicyStore({
    bundles: [...sources].map(([name, source]) => ({
      name,
      source,
      verification: options.verification,
      freshness: options.freshness ?? noFreshness,
    })),
    load: (composition) => {
      loaded.push(composition)
      const refuses = options.refuses ?? ((revision: string) => revision.includes('broken'))
      if (refuses(composition.revision)) return Promise.reject(new Error('does not compile'))
      const host: PolicyHost = {
        revision: composition.revision,
        digest: composition.digest,
        has: () => false,
        evaluate: () => undefined,
        fuelSpent: () => 0,
        close: () => undefined,
      }
      return Promise.resolve(host)
    },
    packageOf: () => undefined,
    ...(options.digest === undefined ? {} : { digest: options.digest }),
    keeper: options.keeper,
    nowMs: options.now ?? (() => 1_000_000),
    onEvent: (event) => events.push(event),
    ...(options.startWait === undefined ? {} : { startWait: options.startWait }),
  })
  return { store, events, loaded, source: (name = 'main') => sources.get(name) ?? assert.fail() }
}

test('swaps a good bundle in and keeps it when the next one is broken', async () => {
  const { store, events, source } = storeWith({})
  await store.start()
  assert.equal(store.current(), undefined)
  assert.equal(store.ready(), false)
  assert.deepEqual(await source().deliver(plain('1')), { live: true })
  assert.equal(store.current()?.revision, '1')
  assert.equal(store.ready(), true)
  const refused = await source().deliver(plain('broken'))
  assert.equal(refused.live, false)
  assert.equal(store.current()?.revision, '1')
  assert.deepEqual([store.status()[0]?.active_revision, store.status()[0]?.code], ['1', 'load_failed'])
  assert.deepEqual(
    events.map((event) => event.on),
    ['swapped', 'refused'],
  )
  await source().deliver(plain('2'))
  assert.equal(store.status()[0]?.code, undefined)
  await store.close()
})

test('half of a change neither goes live nor is refused, and the whole of it does', async () => {
  const { store, events, loaded, source } = storeWith({})
  await store.start()
  await source().deliver(plain('1'))
  for (const half of [plain('2'), plain('broken')]) {
    const superseded = await source().deliver(half, false)
    assert.equal(
      superseded.live === false && superseded.error instanceof BundleError && superseded.error.code,
      'superseded',
    )
    assert.deepEqual([store.current()?.revision, store.status()[0]?.code], ['1', undefined])
  }
  assert.equal(loaded.length, 3)
  assert.deepEqual(await source().deliver(plain('2'), true), { live: true })
  assert.equal((await source().deliver(plain('broken'), true)).live, false)
  assert.equal(store.current()?.revision, '2')
  assert.deepEqual(
    events.map((event) => event.on),
    ['swapped', 'swapped', 'refused'],
  )
  await store.close()
})

test('a configured key makes the signature mandatory', async () => {
  const { store, source } = storeWith({ verification })
  await store.start()
  const refused = await source().deliver(plain('1'))
  assert.equal(
    refused.live === false && refused.error instanceof BundleError && refused.error.code,
    'signature_missing',
  )
  assert.equal(store.current(), undefined)
  assert.deepEqual(await source().deliver(await signedBundle('1')), { live: true })
})

test('hashes are made where it is told to, and others have their turns while a long document is read', async () => {
  const hashed: string[] = []
  const digest = async (...[path, bytes, algorithm]: Parameters<typeof fileDigest>): Promise<string> => {
    hashed.push(path)
    return fileDigest(path, bytes, algorithm)
  }
  const { store, source } = storeWith({ verification, digest })
  await store.start()
  const users = Array.from({ length: 60_000 }, (_, at) => `"user${at}@example.org":{"roles":["reader","team-${at}"]}`)
  const files = plain('1', `{"users":{${users.join(',')}}}`)
  const signatures = await signFiles(files, secret, { keyid: 'k' })
  let turns = 0
  let isOver = false
  const take = (): void => {
    turns++
    if (!isOver) setImmediate(take)
  }
  take()
  const activation = await source().deliver([...files, { path: '.signatures.json', bytes: signatures }])
  isOver = true
  assert.deepEqual(activation, { live: true })
  assert.deepEqual(hashed, ['.manifest', 'data.json'])
  assert.ok(turns >= 4, `${turns} turns`)
  const broken = await source().deliver([...files.slice(0, 1), fileOf('data.json', '{}')])
  assert.equal(broken.live, false)
  await store.close()
})

test('an older signed bundle played back is refused, before and after a restart', async () => {
  const keeper = new Keeper(mkdtempSync(join(tmpdir(), 'keeper-')))
  const freshness: Freshness = { ...noFreshness, order: 'integer' }
  const first = storeWith({ verification, freshness, keeper })
  await first.store.start()
  await first.source().deliver(await signedBundle('9'))
  await first.source().deliver(await signedBundle('10'))
  const replayed = await first.source().deliver(await signedBundle('9'))
  assert.equal(
    replayed.live === false && replayed.error instanceof BundleError && replayed.error.code,
    'stale_revision',
  )
  await first.store.close()
  const second = storeWith({ verification, freshness, keeper })
  await second.store.start()
  assert.equal(second.store.current()?.revision, '10')
  assert.equal((await second.source().deliver(await signedBundle('9'))).live, false)
  assert.equal((await second.source().deliver(await signedBundle('11'))).live, true)
})

test('what was live before revisions were ordered holds no ordered one up', async () => {
  const keeper = new Keeper(mkdtempSync(join(tmpdir(), 'keeper-')))
  const first = storeWith({ keeper })
  await first.store.start()
  await first.source().deliver(plain('spring'))
  await first.store.close()
  const second = storeWith({ keeper, freshness: { ...noFreshness, order: 'integer', minimumRevision: '3' } })
  await second.store.start()
  assert.equal(second.store.current(), undefined, 'what was kept has no order, and serves no more')
  assert.equal((await second.source().deliver(plain('2'))).live, false)
  assert.deepEqual(await second.source().deliver(plain('4')), { live: true })
  assert.equal((await second.source().deliver(plain('3'))).live, false)
})

test('a bundle past its expiry serves for its grace, visibly, and then no longer', async () => {
  let now = 1_000_000
  const { store, source } = storeWith({
    verification,
    freshness: { ...noFreshness, expiryGraceMs: 5000 },
    now: () => now,
  })
  await store.start()
  await source().deliver(await signedBundle('1', { exp: 1010 }))
  assert.equal(store.status()[0]?.expiry, 'fresh')
  now = 1_012_000
  assert.equal(store.status()[0]?.expiry, 'grace')
  assert.equal(store.current()?.revision, '1')
  now = 1_015_000
  assert.equal(store.status()[0]?.expiry, 'expired')
  assert.equal(store.current(), undefined)
  assert.equal(store.ready(), false)
})

test('compares revisions by the configured order and refuses what has none', () => {
  const age = (revision: string, issuedAtMs?: number) => ({
    revision,
    claims: issuedAtMs === undefined ? undefined : { keyId: 'k', issuedAtMs, expiresAtMs: undefined, claims: {} },
  })
  const stale = (error: unknown) => error instanceof BundleError && error.code === 'stale_revision'
  checkFreshness(age('10'), '9', { ...noFreshness, order: 'integer' }, 0)
  checkFreshness(age('1.10.0'), '1.9.9', { ...noFreshness, order: 'semver' }, 0)
  checkFreshness(age('1.0.0'), '1.0.0-rc.2', { ...noFreshness, order: 'semver' }, 0)
  checkFreshness(age('x', 5), '4', { ...noFreshness, order: 'issued' }, 0)
  assert.throws(() => checkFreshness(age('8'), '9', { ...noFreshness, order: 'integer' }, 0), stale)
  assert.throws(() => checkFreshness(age('1.0.0-rc.2'), '1.0.0-rc.10', { ...noFreshness, order: 'semver' }, 0), stale)
  assert.throws(() => checkFreshness(age('abc'), undefined, { ...noFreshness, order: 'integer' }, 0), stale)
  assert.throws(() => checkFreshness(age('1'), undefined, { ...noFreshness, order: 'issued' }, 0), stale)
  assert.throws(
    () => checkFreshness(age('3'), undefined, { ...noFreshness, order: 'integer', minimumRevision: '4' }, 0),
    stale,
  )
})

test('waits for every bundle of a composition and refuses overlapping roots', async () => {
  const { store, source, loaded } = storeWith({ names: ['a', 'b'] })
  await store.start()
  await source('a').deliver(plain('1', '{"a":1}', '["a"]'))
  assert.equal(store.current(), undefined)
  const overlapping = await source('b').deliver(plain('1', '{"a":1}', '["a"]'))
  assert.equal(
    overlapping.live === false && overlapping.error instanceof BundleError && overlapping.error.code,
    'overlapping_roots',
  )
  await source('b').deliver(plain('2', '{"b":1}', '["b"]'))
  assert.equal(store.current()?.revision, 'a@1+b@2')
  assert.equal(loaded.length, 1)
})

test('bundles that need each other go live together, whichever comes first', async () => {
  const keeper = new Keeper(mkdtempSync(join(tmpdir(), 'keeper-')))
  const loads = ['a@1+b@1', 'a@2+b@2', 'a@3+b@3']
  const options = { keeper, names: ['a', 'b'], refuses: (revision: string) => !loads.includes(revision) }
  const { store, events, source } = storeWith(options)
  const of = (name: string, revision: string): readonly BundleFile[] =>
    plain(revision, `{"${name}":${revision}}`, `["${name}"]`)
  await store.start()
  await source('a').deliver(of('a', '1'))
  await source('b').deliver(of('b', '1'))
  assert.equal((await source('a').deliver(of('a', '2'))).live, false)
  assert.deepEqual([store.current()?.revision, store.status()[0]?.code], ['a@1+b@1', 'load_failed'])
  assert.deepEqual(await source('b').deliver(of('b', '2')), { live: true })
  assert.equal(store.current()?.revision, 'a@2+b@2')
  assert.deepEqual(
    store.status().map(({ active_revision, code }) => [active_revision, code]),
    [
      ['2', undefined],
      ['2', undefined],
    ],
  )
  assert.equal((await source('b').deliver(of('b', '3'))).live, false)
  assert.deepEqual(await source('a').deliver(of('a', '3')), { live: true })
  assert.deepEqual(
    events.flatMap((event) => (event.on === 'swapped' ? [event.revision] : [])),
    loads,
  )
  await store.close()
  const again = storeWith(options)
  await again.store.start()
  assert.equal(again.store.current()?.revision, 'a@3+b@3', 'both were kept')
})

test('one of two that is broken at the start holds the other up only until it is mended', async () => {
  const { store, source } = storeWith({ names: ['a', 'b'] })
  await store.start()
  await source('a').deliver(plain('broken', '{"a":1}', '["a"]'))
  assert.equal((await source('b').deliver(plain('1', '{"b":1}', '["b"]'))).live, false)
  assert.equal(store.current(), undefined)
  assert.deepEqual(await source('a').deliver(plain('2', '{"a":2}', '["a"]')), { live: true })
  assert.equal(store.current()?.revision, 'a@2+b@1')
  assert.equal(store.ready(), true)
})

test('a version that waits and is broken by itself holds nobody up, and what was taken back goes live no more', async () => {
  const { store, source } = storeWith({
    names: ['a', 'b', 'c'],
    refuses: (revision) => /broken|a@2.*b@1/.test(revision),
  })
  await store.start()
  for (const name of ['a', 'b', 'c']) await source(name).deliver(plain('1', `{"${name}":1}`, `["${name}"]`))
  assert.equal((await source('c').deliver(plain('broken', '{"c":2}', '["c"]'))).live, false)
  assert.equal((await source('a').deliver(plain('2', '{"a":2}', '["a"]'))).live, false)
  assert.deepEqual(await source('b').deliver(plain('2', '{"b":2}', '["b"]')), { live: true })
  assert.equal(store.current()?.revision, 'a@2+b@2+c@1')
  assert.deepEqual(await source('b').deliver(plain('3', '{"b":3}', '["b"]')), { live: true })
  assert.equal((await source('c').deliver(plain('broken', '{"c":2}', '["c"]'))).live, false)
  source('c').unchanged()
  assert.deepEqual(await source('b').deliver(plain('4', '{"b":4}', '["b"]')), { live: true })
  assert.deepEqual([store.current()?.revision, store.status()[2]?.code], ['a@2+b@4+c@1', undefined])
  assert.equal((await source('a').deliver(plain('broken', '{"a":3}', '["a"]'))).live, false)
})

test('a version that waits is not taken once its expiry has come', async () => {
  let now = 1_000_000
  const { store, source } = storeWith({
    names: ['a', 'b'],
    verification,
    now: () => now,
    refuses: (revision) => revision === 'a@2+b@1',
  })
  const of = async (name: string, revision: string, exp = 2000): Promise<readonly BundleFile[]> => {
    const files = plain(revision, `{"${name}":${revision}}`, `["${name}"]`)
    return [...files, { path: '.signatures.json', bytes: await signFiles(files, secret, { keyid: 'k', exp }) }]
  }
  await store.start()
  await source('a').deliver(await of('a', '1'))
  await source('b').deliver(await of('b', '1'))
  assert.equal((await source('a').deliver(await of('a', '2', 1500))).live, false)
  now = 1_600_000
  assert.deepEqual(await source('b').deliver(await of('b', '2')), { live: true })
  assert.equal(store.current()?.revision, 'a@1+b@2')
})

test('a delta changes data, survives a restart whole, and is refused where signatures are asked for', async () => {
  const keeper = new Keeper(mkdtempSync(join(tmpdir(), 'keeper-')))
  const delta = [
    fileOf('.manifest', '{"revision":"2"}'),
    fileOf('patch.json', '{"data":[{"op":"upsert","path":"/a","value":2}]}'),
  ]
  const first = storeWith({ keeper })
  await first.store.start()
  assert.equal((await first.source().deliver(delta)).live, false)
  await first.source().deliver(plain('1', '{"a":1,"b":1}'))
  assert.deepEqual(await first.source().deliver(delta), { live: true })
  assert.equal(writeJson(first.loaded.at(-1)?.bundles[0]?.bundle.data ?? null), '{"a":2,"b":1}')
  await first.store.close()
  const second = storeWith({ keeper })
  await second.store.start()
  assert.equal(second.store.current()?.revision, '2')
  assert.equal(writeJson(second.loaded[0]?.bundles[0]?.bundle.data ?? null), '{"a":2,"b":1}')
  const signed = storeWith({ verification })
  await signed.store.start()
  await signed.source().deliver(await signedBundle('1'))
  assert.equal((await signed.source().deliver(delta)).live, false)
})

test('the high-water mark survives a lost or damaged archive', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keeper-'))
  const keeper = new Keeper(folder)
  await keeper.keep('main', { files: plain('7'), etag: 'e', highest: '7' })
  assert.equal((await keeper.read('main')).kept?.etag, 'e')
  const place = join(folder, readdirSync(folder)[0] ?? '')
  const archives = readdirSync(place).filter((name) => name.endsWith('.tar.gz'))
  assert.equal(archives.length, 1)
  await writeFile(join(place, archives[0] ?? ''), 'damaged')
  const next = new Keeper(folder)
  assert.deepEqual(await next.read('main'), { kept: undefined, highest: '7' })
  await next.keep('main', { files: plain('7'), etag: 'e', highest: '7' })
  assert.equal((await next.read('main')).kept?.etag, 'e', 'the same version is written again over a damaged one')
  assert.deepEqual(await keeper.read('other'), { kept: undefined, highest: undefined })
})

test('a source that never answers holds up no start, and what was kept serves', async () => {
  const keeper = new Keeper(mkdtempSync(join(tmpdir(), 'keeper-')))
  const first = storeWith({ keeper })
  await first.store.start()
  await first.source().deliver(plain('1'))
  await first.store.close()
  const second = storeWith({ keeper, startWait: { withPolicyMs: 10, withoutMs: 600_000 } })
  second.source().answers = new Promise(() => undefined)
  await second.store.start()
  assert.equal(second.store.current()?.revision, '1')
  const third = storeWith({ startWait: { withPolicyMs: 600_000, withoutMs: 10 } })
  third.source().answers = new Promise(() => undefined)
  await third.store.start()
  assert.deepEqual([third.store.current(), third.store.ready()], [undefined, false])
})

test('a source that is there again with what is live takes back what was told of it', async () => {
  const { store, source } = storeWith({})
  await store.start()
  await source().deliver(plain('1'))
  source().fail(new Error('away'))
  assert.deepEqual([store.status()[0]?.code, store.status()[0]?.message], ['source_failed', 'away'])
  source().unchanged()
  assert.deepEqual([store.status()[0]?.code, store.status()[0]?.message], [undefined, undefined])
  await source().deliver(plain('broken'))
  assert.equal(store.status()[0]?.code, 'load_failed')
  source().unchanged()
  assert.deepEqual([store.status()[0]?.code, store.status()[0]?.active_revision], [undefined, '1'])
})

test('nothing is read of a bundle that nobody has signed', async () => {
  const { store, source } = storeWith({ verification })
  await store.start()
  for (const files of [
    [fileOf('.manifest', '{"roots":')],
    [fileOf('data.yaml', '[')],
    [fileOf('patch.json', 'x')],
    [fileOf('policy.wasm', 'x')],
  ]) {
    const refused = await source().deliver([...files, fileOf('.signatures.json', '{"signatures":["a.b.c"]}')])
    assert.equal(
      refused.live === false && refused.error instanceof BundleError && refused.error.code,
      'signature_invalid',
    )
  }
})
