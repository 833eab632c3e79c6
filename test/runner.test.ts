// The runner itself: what hangs is ended and named, so that one failed test cannot keep a whole run for ever.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const folder = mkdtempSync(join(tmpdir(), 'runner-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const runner = fileURLToPath(new URL('./run.ts', import.meta.url))
const loader = new URL('./support/load-ts.mjs', import.meta.url).href

async function run(body: string, env: Record<string, string>): Promise<{ code: number | null; out: string }> {
  const file = join(folder, 'one.test.ts')
  writeFileSync(
    file,
    `import assert from 'node:assert/strict'\nimport { createServer } from 'node:net'\nimport { test } from 'node:test'\n${body}\n`,
  )
  const { NODE_TEST_CONTEXT: _, ...rest } = process.env
  const child = spawn(process.execPath, ['--import', loader, runner, file], {
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
