// Session keys wrapped by Vault's transit engine and by a command: recorded with, read back with, and refused without.
import assert from 'node:assert/strict'
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type TestContext, test } from 'node:test'
import {
  type KeyService,
  keyCommand,
  RecordingError,
  readEntries,
  sealedKeys,
  unwrapAhead,
  vaultTransit,
  WrappedKeys,
} from '../../../proxy/recording/index.ts'
import { recorderForTest, recordSession } from '../../support/recordings.ts'

const soon = (): Promise<void> => new Promise((done) => setImmediate(done))

interface Vault {
  readonly service: KeyService
  status: number
}

/** A Vault with one key, which wraps what it is given. */
async function vault(t: TestContext): Promise<Vault> {
  const secret = randomBytes(32)
  const state = { status: 200 }
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.once('end', () => {
      const isRight = request.headers['x-vault-token'] === 'token' && request.method === 'POST'
      const [, verb] = /^\/v1\/transit\/(encrypt|decrypt)\/recordings$/.exec(request.url ?? '') ?? []
      if (!isRight || verb === undefined || state.status !== 200) {
        response.writeHead(isRight ? state.status : 403).end('{"errors":[]}')
        return
      }
      const asked = JSON.parse(body)
      if (verb === 'encrypt') {
        const iv = randomBytes(16)
        const cipher = createCipheriv('aes-256-cbc', secret, iv)
        const sealed = Buffer.concat([iv, cipher.update(Buffer.from(asked.plaintext, 'base64')), cipher.final()])
        response.end(JSON.stringify({ data: { ciphertext: `vault:v1:${sealed.toString('base64')}` } }))
      } else {
        const sealed = Buffer.from(String(asked.ciphertext).slice('vault:v1:'.length), 'base64')
        const decipher = createDecipheriv('aes-256-cbc', secret, sealed.subarray(0, 16))
        const plaintext = Buffer.concat([decipher.update(sealed.subarray(16)), decipher.final()]).toString('base64')
        response.end(JSON.stringify({ data: { plaintext } }))
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  const at = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
  const service = vaultTransit({ address: at, mount: 'transit', key: 'recordings', token: async () => 'token', fetch })
  return Object.assign(state, { service })
}

/** A key service of two commands: here they only turn the bytes around. */
const turned = `process.stdin.setEncoding('utf8');let s='';process.stdin.on('data',c=>s+=c).on('end',()=>console.log(Buffer.from(Buffer.from(s,'base64').reverse()).toString('base64')))`
const command = keyCommand({ wrap: [process.execPath, '-e', turned], unwrap: [process.execPath, '-e', turned] })

const services: { readonly [name: string]: (t: TestContext) => Promise<KeyService> } = {
  'Vault transit': async (t) => (await vault(t)).service,
  'a command': async () => command,
}

for (const [name, make] of Object.entries(services)) {
  test(`keys wrapped by ${name} open what was recorded, and nothing else does`, async (t) => {
    const service = await make(t)
    const wrapper = new WrappedKeys(service, { delay: soon, onFault: assert.fail })
    await wrapper.start()
    const { recorder, folder } = recorderForTest({ wrapper })
    await recordSession(recorder.open('s-1'))
    wrapper.close()
    await recorder.close()
    const unwrapper = await unwrapAhead(service, sealedKeys(folder, ['s-1']))
    assert.equal([...readEntries(folder, 's-1', unwrapper)].length, 7)
    const other = await unwrapAhead({ ...service, id: 'other' }, sealedKeys(folder, ['s-1']))
    assert.throws(() => [...readEntries(folder, 's-1', other)], RecordingError)
  })
}

test('while Vault is away sessions begin with the keys that are ready, then do not, and begin again with it', async (t) => {
  const state = await vault(t)
  const faults: string[] = []
  const wrapper = new WrappedKeys(state.service, { delay: soon, onFault: ({ code }) => faults.push(code) })
  await wrapper.start()
  state.status = 503
  let begun = 0
  assert.throws(() => {
    for (; begun < 1000; begun++) wrapper.newKey()
  }, RecordingError)
  assert.ok(begun >= 1)
  state.status = 200
  let key: unknown
  while (key === undefined) {
    await soon()
    try {
      key = wrapper.newKey()
    } catch (error) {
      assert.ok(error instanceof RecordingError)
    }
  }
  wrapper.close()
  await assert.rejects(
    new WrappedKeys(
      { ...state.service, wrap: async () => Buffer.alloc(0) },
      { delay: soon, onFault: () => undefined },
    ).start(),
    RecordingError,
  )
})

test('a command that fails, answers nothing or is not there wraps nothing', async () => {
  const fails = [process.execPath, '-e', 'process.exit(3)']
  await assert.rejects(keyCommand({ wrap: fails, unwrap: fails }).wrap(randomBytes(32)), RecordingError)
  await assert.rejects(keyCommand({ wrap: ['/nonexistent'], unwrap: [] }).wrap(randomBytes(32)), RecordingError)
  await assert.rejects(keyCommand({ wrap: fails, unwrap: [] }).unwrap(randomBytes(32)), RecordingError)
})
