// `--watch`, as a person uses it: a save runs the command again.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { folderWith } from './run-policy.ts'

const bin = fileURLToPath(new URL('../../../bin/sallyport.js', import.meta.url))

test('a save runs check again, and a stop ends it with the last exit code', async () => {
  const folder = folderWith({ 'a.rego': 'package a\n\np := 1\n' })
  const child = spawn(process.execPath, [bin, 'policy', 'check', '--watch', '.'], { cwd: folder })
  let out = ''
  const heard: (() => void)[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    for (const one of heard) one()
  })
  const says = (what: RegExp): Promise<void> =>
    new Promise((done) => {
      const look = (): void => {
        if (what.test(out)) done()
      }
      heard.push(look)
      look()
    })
  await says(/watching/)
  writeFileSync(join(folder, 'a.rego'), 'package a\n\np := x\n')
  await says(/var x is unsafe[\s\S]*ran in \d+ ms; exit code 2/)
  writeFileSync(join(folder, 'a.rego'), 'package a\n\np := 2\n')
  await says(/exit code 0/)
  writeFileSync(join(folder, 'data.json'), '{')
  await says(/exit code 1/)
  writeFileSync(join(folder, 'data.json'), '{}')
  await says(/exit code 0[\s\S]*exit code 0/)
  const times = [...out.matchAll(/ran in (\d+) ms/g)].map(([, ms]) => Number(ms))
  assert.ok(
    times.every((ms) => ms < 200),
    `runs took ${times.join(', ')} ms`,
  )
  child.kill('SIGINT')
  const [code]: unknown[] = await once(child, 'exit')
  assert.equal(code, 0)
})
