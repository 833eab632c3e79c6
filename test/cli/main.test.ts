import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))

test('prints its version', () => {
  assert.match(execFileSync(process.execPath, [bin, '--version'], { encoding: 'utf8' }), /^sallyport \d+\.\d+\.\d+\n$/)
})

test('refuses an unknown command with exit code 1', () => {
  const run = spawnSync(process.execPath, [bin, 'no-such-command'], { encoding: 'utf8' })
  assert.equal(run.status, 1)
  assert.match(run.stderr, /there is no command `no-such-command`/)
})
