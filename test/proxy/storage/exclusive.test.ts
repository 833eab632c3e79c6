// A file that one process has at a time, and nobody any more when that process was killed.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { StorageError, takeFile } from '../../../proxy/storage/index.ts'

test('a file is taken once, and again when it was released', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'exclusive-')), 'in-use')
  const first = takeFile(path)
  assert.ok(first !== undefined)
  assert.equal(takeFile(path), undefined)
  first.release()
  const second = takeFile(path)
  assert.ok(second !== undefined)
  second.release()
})

test('what a killed process had is free', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'exclusive-')), 'in-use')
  const libsql = import.meta.resolve('libsql')
  const program = `const { default: Database } = await import(${JSON.stringify(libsql)})
const database = new Database(${JSON.stringify(path)})
database.exec('BEGIN EXCLUSIVE')
process.stdout.write('taken')
setInterval(() => database, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  assert.equal(takeFile(path), undefined)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const taken = takeFile(path)
  assert.ok(taken !== undefined)
  taken.release()
})

test('where no file can be made, that is an error and not a file that somebody has', () => {
  assert.throws(() => takeFile('/proc/in-use'), StorageError)
})
