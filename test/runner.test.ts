// The runner itself: what hangs is ended and named, so that one failed test cannot keep a whole run for ever; what fails is
// told by its place in the source; and what was edited is what runs.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'

const folder = mkdtempSync(join(tmpdir(), 'runner-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const runner = fileURLToPath(new URL('./run.ts', import.meta.url))
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

interface Ran {
  readonly code: number | null
  readonly out: string
}

function run(body: string, env: Record<string, string> = {}): Promise<Ran> {
  const file = join(folder, 'one.test.ts')
  writeFileSync(
    file,
    `import assert from 'node:assert/strict'\nimport { createServer } from 'node:net'\nimport { test } from 'node:test'\n${body}\n`,
  )
  return runFiles([file], env)
}

async function runFiles(files: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const { NODE_TEST_CONTEXT: _, ...rest } = process.env
  const child = spawn(process.execPath, ['--import', tsx, runner, ...files], {
    env: { ...rest, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((done) => child.on('close', done))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await ended, out: out + err }
}

test('a file that leaves a listener open is ended, fails and says what was left', async () => {
  const { code, out } = await run(`test('leaves', () => { createServer().listen(0); assert.ok(true) })`, {
    TEST_GRACE_MS: '300',
  })
  assert.match(out, /still open 0\.3 s after the last test: TCPServerWrap/)
  assert.match(out, /1 passed, 1 failed, 0 skipped/)
  assert.equal(code, 1)
})

test('a test that never ends is ended with its file, which is named', async () => {
  const body = `test('never', () => new Promise(() => { createServer().listen(0); assert.ok(true) }))`
  const { code, out } = await run(body, { TEST_FILE_MINUTES: '0.05' })
  assert.match(out, /FAIL .*one\.test\.ts[\s\S]*timed out/)
  assert.equal(code, 1)
})

test('what fails is told by its file, line and column in the source, in what it imports too', async () => {
  writeFileSync(
    join(folder, 'told.ts'),
    `interface Told {\n  readonly by: string\n}\n\nexport function tell(told: Told): never {\n  throw new Error(told.by)\n}\n`,
  )
  const { code, out } = await run(
    `import { tell } from './told.ts'\ntest('fails', () => tell({ by: 'a name' }))\ntest('holds', () => assert.ok(true))`,
  )
  const place = (file: string, at: string): string => `${join(folder, file)}:${at}`
  assert.match(out, /FAIL .*one\.test\.ts: fails\n {4}Error: a name\n/)
  assert.ok(out.includes(`at tell (${place('told.ts', '6:9')})`), out)
  assert.ok(out.includes(`(${place('one.test.ts', '5:21')})`), out)
  assert.match(out, /1 passed, 1 failed, 0 skipped\n$/)
  assert.equal(code, 1)
})

test('what was edited is what runs, in what a test imports too', async () => {
  const body = `import { is } from './edited.ts'\ntest('is so', () => assert.equal(is, 1))`
  for (const [is, code, said] of [
    [1, 0, '1 passed, 0 failed, 0 skipped\n'],
    [2, 1, '0 passed, 1 failed, 0 skipped\n'],
  ] as const) {
    writeFileSync(join(folder, 'edited.ts'), `export const is: number = ${is}\n`)
    const ran = await run(body)
    assert.equal(ran.code, code, ran.out)
    assert.ok(ran.out.endsWith(said), ran.out)
  }
})

test('a test that asserts nothing fails, and so does a file that ends in the middle', async () => {
  const { code, out } = await run(`test('asserts nothing', () => undefined)`)
  assert.match(out, /the test asserts nothing: asserts nothing/)
  assert.equal(code, 1)
  const ended = await run(`test('ends', () => process.exit(7))`)
  assert.match(ended.out, /FAIL .*one\.test\.ts/)
  assert.equal(ended.code, 1)
})

test('no file, a file that cannot be read as TypeScript and a file that is not there are failures', async () => {
  const empty = mkdtempSync(join(folder, 'empty-'))
  const none = await runFiles([empty])
  assert.match(none.out, /^0 passed, 1 failed, 0 skipped\nno test files below \S+\n$/)
  assert.equal(none.code, 1)
  const broken = await run(`const one: = 1`)
  assert.match(broken.out, /^0 passed, 1 failed, 0 skipped\n[\s\S]*one\.test\.ts:4:11: ERROR/)
  assert.equal(broken.code, 1)
  assert.notEqual((await runFiles([join(empty, 'none.test.ts')])).code, 0)
})
