// kill -9 at any point of keeping a bundle: the next start reads a whole version, never older than the last one kept.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readBundle } from '../../bundles/format/index.ts'
import { Keeper } from '../../bundles/store/index.ts'

const kills = 50
const child = fileURLToPath(new URL('../support/keeper-child.ts', import.meta.url))

test(`a whole version is there after each of ${kills} kills`, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'keeper-'))
  let newest = 0
  for (let round = 0; round < kills; round++) {
    const running = spawn(process.execPath, ['--import', 'tsx', child, folder, String(newest + 1)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    running.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
    })
    await once(running.stdout, 'data')
    const killAt = Date.now() + randomInt(0, 60)
    while (Date.now() < killAt) await new Promise((resolve) => setImmediate(resolve))
    running.kill('SIGKILL')
    await once(running, 'close')
    const told = Number(out.match(/kept (\d+)\n(?!.*kept)/s)?.[1] ?? newest)
    const { kept, highest } = await new Keeper(folder).read('main')
    assert.ok(kept !== undefined || told === 0, `round ${round}: nothing can be read after version ${told} was kept`)
    if (kept === undefined) continue
    const { manifest, data } = readBundle(kept.files, () => undefined)
    assert.equal(data.get('revision'), manifest.revision)
    assert.ok(
      Number(manifest.revision) >= told,
      `round ${round}: version ${manifest.revision} was read, ${told} had been kept`,
    )
    assert.ok(Number(highest) >= Number(manifest.revision))
    newest = Number(manifest.revision)
  }
  t.diagnostic(`${kills} kills, ${newest} versions kept`)
})
