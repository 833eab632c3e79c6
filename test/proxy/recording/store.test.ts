// What every store of recordings keeps: one suite, for a folder and for S3.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { FolderStore, RecordingError, type RecordingStore, S3Store } from '../../../proxy/recording/index.ts'
import { S3Server } from '../../support/s3-server.ts'

const partBytes = 1000

/** An S3 store of a server of its own. */
async function s3(t: TestContext, requestMs = 60_000): Promise<{ server: S3Server; store: S3Store }> {
  const server = new S3Server()
  const endpoint = await server.start()
  t.after(() => server.close())
  const config = { endpoint, bucket: 'kept', prefix: 'a/b & c/', fetch, nowMs: Date.now, partBytes, requestMs }
  return { server, store: new S3Store({ ...config, credentials: async () => server.credentials }) }
}

const makers: { readonly [name: string]: (t: TestContext) => Promise<RecordingStore> } = {
  'a folder': async (t) => {
    const root = mkdtempSync(join(tmpdir(), 'store-'))
    t.after(() => rmSync(root, { recursive: true }))
    return new FolderStore(root)
  },
  S3: async (t) => (await s3(t)).store,
}

function fileOf(t: TestContext, bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'spool-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'file'), bytes)
  return join(folder, 'file')
}

for (const [name, make] of Object.entries(makers)) {
  test(`${name} gives back what was put, the newest of it, and nothing that was not`, async (t) => {
    const store = await make(t)
    assert.equal(await store.get('log/leaves/0'), undefined)
    await store.put('log/leaves/0', Buffer.from('one'))
    await store.put('log/leaves/0', Buffer.from('one and two'))
    assert.equal((await store.get('log/leaves/0'))?.toString(), 'one and two')
    await store.put('empty', Buffer.alloc(0))
    assert.equal((await store.get('empty'))?.length, 0)
  })

  test(`${name} keeps files of every size around a part, byte by byte`, async (t) => {
    const store = await make(t)
    for (const size of [0, 1, partBytes - 1, partBytes, partBytes + 1, 7 * partBytes, 7 * partBytes + 3]) {
      const bytes = randomBytes(size)
      await store.putFile(`sessions/s/${size}`, fileOf(t, bytes))
      assert.deepEqual(await store.get(`sessions/s/${size}`), bytes)
    }
    await assert.rejects(store.putFile('sessions/none/x', '/nonexistent/file'))
    assert.deepEqual(await store.list('sessions/none/'), [])
  })

  test(`${name} lists by prefix, over all pages, with sizes`, async (t) => {
    const store = await make(t)
    const names = ['sessions/a/0', 'sessions/a/1', 'sessions/ab/0', 'sessions/b/0', 'sessions/b/1', 'log/heads/0']
    for (const [size, one] of names.entries()) await store.put(one, Buffer.alloc(size))
    assert.deepEqual(
      await store.list('sessions/'),
      names.slice(0, 5).map((one, bytes) => ({ name: one, bytes })),
    )
    assert.deepEqual(
      (await store.list('sessions/a/')).map((one) => one.name),
      names.slice(0, 2),
    )
    assert.deepEqual(await store.list('nothing/'), [])
  })

  test(`${name} removes one object and no other, twice without harm`, async (t) => {
    const store = await make(t)
    await store.put('sessions/a/0', Buffer.from('a'))
    await store.put('sessions/b/0', Buffer.from('b'))
    await store.remove('sessions/a/0')
    await store.remove('sessions/a/0')
    assert.equal(await store.get('sessions/a/0'), undefined)
    assert.deepEqual(
      (await store.list('')).map((one) => one.name),
      ['sessions/b/0'],
    )
  })
}

test('a folder has no name that leads out of it', async (t) => {
  const store = await makers['a folder']?.(t)
  assert.ok(store !== undefined)
  await assert.rejects(store.get('../../etc/passwd'), RecordingError)
  await assert.rejects(store.put('sessions/../../x', Buffer.alloc(1)), RecordingError)
})

for (const trouble of ['error', 'stall', 'cut', 'lose', 'error_in_200'] as const) {
  test(`S3: when requests meet \`${trouble}\`, nothing counts as kept, and it is when they no longer do`, async (t) => {
    const { server, store } = await s3(t, 300)
    const bytes = randomBytes(4 * partBytes + 7)
    const path = fileOf(t, bytes)
    // What comes in 200 is only looked for where a store says so: at the end of an upload.
    server.trouble = (method) =>
      (trouble === 'error_in_200' ? method === 'POST' : method !== 'HEAD') ? trouble : undefined
    await assert.rejects(store.putFile('large', path), RecordingError)
    if (trouble !== 'error_in_200') await assert.rejects(store.put('small', Buffer.from('some bytes')), RecordingError)
    if (trouble === 'error' || trouble === 'stall' || trouble === 'cut') {
      await assert.rejects(store.list(''), RecordingError)
      await assert.rejects(store.get('large'), RecordingError)
    }
    server.trouble = () => undefined
    await store.putFile('large', path)
    assert.deepEqual(await store.get('large'), bytes)
  })
}

test('S3: a part that gets lost is found before the upload counts', async (t) => {
  const { server, store } = await s3(t)
  const bytes = randomBytes(4 * partBytes)
  const path = fileOf(t, bytes)
  let lost = 0
  server.trouble = (method, _, query) =>
    method === 'PUT' && query.get('partNumber') === '2' && lost++ === 0 ? 'lose' : undefined
  await assert.rejects(store.putFile('large', path), RecordingError)
  await store.putFile('large', path)
  assert.deepEqual(await store.get('large'), bytes)
})

test('S3: an upload that was interrupted goes on with the parts that arrived, and sends changed ones again', async (t) => {
  const { server, store } = await s3(t)
  const bytes = randomBytes(6 * partBytes)
  const path = fileOf(t, bytes)
  server.trouble = (method, _, query) => (method === 'PUT' && Number(query.get('partNumber')) > 4 ? 'error' : undefined)
  await assert.rejects(store.putFile('large', path), RecordingError)
  server.trouble = () => undefined
  server.seen.length = 0
  await store.putFile('large', path)
  assert.equal(server.seen.filter((line) => line.startsWith('PUT')).length, 2)
  assert.deepEqual(await store.get('large'), bytes)
})

test('S3: a signature by another key is refused', async (t) => {
  const server = new S3Server()
  const endpoint = await server.start()
  t.after(() => server.close())
  const config = { endpoint, bucket: 'kept', prefix: '', fetch, nowMs: Date.now }
  const store = new S3Store({ ...config, credentials: async () => ({ ...server.credentials, secretAccessKey: 'no' }) })
  await assert.rejects(store.put('x', Buffer.from('x')), RecordingError)
})
