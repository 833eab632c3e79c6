// Reading, defaults, overrides, showing, the schema, and reloading.
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { parse } from 'yaml'
import {
  type Config,
  checkConfigText,
  configSchemaText,
  LiveConfig,
  loadConfig,
  type Reloaded,
  showConfig,
  watchConfig,
} from '../../../proxy/config/index.ts'

const folder = fileURLToPath(new URL('../../../fixtures/config/', import.meta.url))
const good = readFileSync(`${folder}good.yaml`, 'utf8')
const scratch = mkdtempSync(join(tmpdir(), 'sallyport-config-'))
after(() => rmSync(scratch, { recursive: true }))

function load(text: string, environment: NodeJS.ProcessEnv = {}): Config {
  const loaded = checkConfigText(text, folder, environment)
  assert.ok(loaded.ok, JSON.stringify(loaded))
  return loaded.config
}

test('defaults are in place and paths are absolute', () => {
  const config = load(good)
  assert.equal(config.limits.recordMs, 5000)
  assert.equal(config.limits.messageBytes, 64 * 2 ** 20)
  const [source] = config.bundles.sources
  assert.ok(source?.kind === 'folder' && source.path === `${folder}policies`)
  const [resource] = config.resources
  assert.ok(resource?.protocol === 'postgres')
  assert.equal(resource.upstream.port, 5432)
  assert.equal(resource.upstream.tls.mode, 'verify-full')
  assert.ok(Object.isFrozen(resource.upstream))
})

test('units in the file become numbers with their unit in the name', () => {
  const loaded = loadConfig(`${folder}full.yaml`, {})
  assert.ok(loaded.ok, JSON.stringify(loaded))
  const { config } = loaded
  assert.equal(config.recording.segmentBytes, 8 * 2 ** 20)
  assert.equal(config.approvals.expiresMaxMs, 30 * 60_000)
  assert.equal(config.telemetry.decisionLog.http?.intervalMs, 60_000)
})

test('what is shown reads back as the same configuration, and shows no command line', () => {
  const config = load(good)
  assert.deepEqual(load(showConfig(config)), config)
  const full = loadConfig(`${folder}full.yaml`, {})
  assert.ok(full.ok)
  assert.ok(!showConfig(full.config).includes('get-password'))
})

test('the environment overrides keys, and a variable that leads nowhere is a mistake', () => {
  const config = load(good, {
    SALLYPORT_TELEMETRY__LOGS__LEVEL: 'debug',
    SALLYPORT_LISTENERS__0__ADDRESS: '127.0.0.1:7000',
    SALLYPORT_TOKEN: 'x',
  })
  assert.equal(config.telemetry.logs.level, 'debug')
  assert.equal(config.listeners[0]?.address.port, 7000)
  const wrong = checkConfigText(good, folder, { SALLYPORT_TELEMETRY__LOGS__LEVL: 'debug' })
  assert.ok(!wrong.ok && wrong.problems[0]?.message.includes('levl'))
})

test('a secret file that others can read is refused, and accepted once it is private', () => {
  const path = join(scratch, 'key.pem')
  writeFileSync(path, 'x')
  const text = good.replace('env:RECORDING_KEY', 'file:key.pem')
  chmodSync(path, 0o640)
  const open = checkConfigText(text, scratch, {})
  assert.ok(!open.ok && open.problems[0]?.help.startsWith('chmod 600'))
  chmodSync(path, 0o600)
  assert.ok(checkConfigText(text, scratch, {}).ok)
})

test('the published schema is the one that the fields give, and it knows good from broken', () => {
  const path = fileURLToPath(new URL('../../../fixtures/schema/config.v1.json', import.meta.url))
  if (process.env['BLESS'] !== undefined) writeFileSync(path, configSchemaText())
  assert.equal(readFileSync(path, 'utf8'), configSchemaText())
  const validate = new Ajv({ strict: false }).compile(JSON.parse(configSchemaText()))
  assert.ok(validate(parse(good)), JSON.stringify(validate.errors))
  assert.ok(validate(parse(readFileSync(`${folder}full.yaml`, 'utf8'))), JSON.stringify(validate.errors))
  for (const name of ['unknown-key', 'wrong-type', 'missing-keys', 'secret-in-clear', 'weak-algorithm']) {
    assert.ok(!validate(parse(readFileSync(`${folder}broken/${name}.yaml`, 'utf8'))), name)
  }
})

test('a reload swaps resources, names what waits for a restart, and keeps the last good one on a mistake', async () => {
  let text = good
  const verified: string[] = []
  const live = new LiveConfig(
    load(good),
    () => checkConfigText(text, folder, {}),
    (candidate) => {
      verified.push(candidate.resources[0]?.name ?? '')
      return candidate.resources[0]?.name === 'unreachable' ? Promise.reject(new Error('no route')) : Promise.resolve()
    },
  )
  assert.equal((await live.reload()).on, 'unchanged')
  text = good.replace('name: orders', 'name: orders2').replace('id: gate-1', 'id: gate-2')
  const swapped = await live.reload()
  assert.ok(swapped.on === 'swapped')
  assert.deepEqual(swapped.waitsForRestart, ['gateway'])
  assert.equal(live.current.resources[0]?.name, 'orders2')
  assert.equal(live.current.gateway.id, 'gate-1')
  text = good.replace('protocol: postgres', 'protocol: nothing')
  assert.equal((await live.reload()).on, 'rejected')
  text = good.replace('name: orders', 'name: unreachable')
  assert.equal((await live.reload()).on, 'rejected')
  assert.equal(live.current.resources[0]?.name, 'orders2')
  assert.deepEqual(verified, ['orders2', 'unreachable'])
})

test('a changed file is reloaded', async () => {
  const path = join(scratch, 'sallyport.yaml')
  writeFileSync(path, good)
  const first = loadConfig(path, {})
  assert.ok(first.ok)
  const live = new LiveConfig(
    first.config,
    () => loadConfig(path, {}),
    () => Promise.resolve(),
  )
  let told: (result: Reloaded) => void = () => undefined
  const result = new Promise<Reloaded>((done) => {
    told = done
  })
  const watcher = watchConfig(path, live, (one) => {
    if (one.on === 'swapped') told(one)
  })
  await watcher.ready
  writeFileSync(path, good.replace('name: orders', 'name: orders2'))
  assert.equal((await result).on, 'swapped')
  await watcher.close()
})
