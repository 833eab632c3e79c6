// An empty folder with `sallyport` on its path, and a demo for pages that want one.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Place } from './pages.ts'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))

/** Makes the place of a page. */
export function placeOfPage(): Place & { readonly close: () => Promise<void> } {
  const outer = mkdtempSync(join(tmpdir(), 'page-'))
  const [folder, path, home] = [join(outer, 'folder'), join(outer, 'bin'), join(outer, 'home')]
  for (const one of [folder, path, home]) mkdirSync(one)
  writeFileSync(join(path, 'sallyport'), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`)
  chmodSync(join(path, 'sallyport'), 0o700)
  const run = process.env['TEST_BUILT']
  const env = {
    PATH: `${path}:${process.env['PATH']}`,
    HOME: home,
    NO_COLOR: '1',
    LANG: 'C.UTF-8',
    NODE_ENV: 'test',
    ...(run === undefined ? {} : { TEST_BUILT: run }),
  }
  let demo: ChildProcess | undefined
  return {
    folder,
    env,
    demo: async () => {
      const child = spawn(process.execPath, [bin, 'demo'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
      demo = child
      let guide = ''
      await new Promise<void>((up, failed) => {
        child.stdout.on('data', (chunk: Buffer) => {
          guide += chunk.toString()
          if (guide.includes('Ctrl-C ends it.')) up()
        })
        child.once('exit', (code) => failed(new Error(`the demo ended with ${code}: ${guide}`)))
      })
      return guide
    },
    close: async () => {
      if (demo !== undefined && demo.exitCode === null) {
        demo.kill('SIGINT')
        const [code] = await once(demo, 'exit')
        assert.equal(code, 0)
      }
      rmSync(outer, { recursive: true, force: true })
    },
  }
}
