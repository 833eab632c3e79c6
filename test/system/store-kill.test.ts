// kill -9 at any point of a download, a check, a compilation, a keeping or a swap: the next start serves a whole revision,
// never older than the last one that was live. SALLYPORT_KILLS says how often.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { writeArchive } from '../../bundles/format/index.ts'
import { signFiles } from '../../bundles/signing/index.ts'
import { killedStore, killKey } from '../support/killed-store.ts'

const kills = Number(process.env['SALLYPORT_KILLS'] ?? 50)
const child = fileURLToPath(new URL('../support/store-child.ts', import.meta.url))

/** Where a kill lands: while bytes come in, or some time after a revision went live or was delivered whole. */
type Moment = { readonly in: 'download'; readonly part: number } | { readonly in: 'store'; readonly afterMs: number }

async function archiveOf(revision: number): Promise<Uint8Array> {
  const files = [
    { path: '.manifest', bytes: Buffer.from(`{"revision":"${revision}","roots":[""]}`) },
    { path: 'data.json', bytes: Buffer.from(JSON.stringify({ filler: 'x'.repeat(20_000), revision })) },
    { path: 'p.rego', bytes: Buffer.from(`package policy.p\n\nallow if data.revision == ${revision}\n`) },
  ]
  const signature = await signFiles(files, killKey, { keyid: 'k' })
  return writeArchive([...files, { path: '.signatures.json', bytes: signature }])
}

/** A bundle service with a new revision at every request, cut in parts; tells when the n-th download is under way. */
class Service {
  revision = 0
  /** Called before each part of a download. */
  atPart: (part: number) => void = () => undefined
  /** Called when a download was sent whole. */
  sent: () => void = () => undefined
  readonly #server: Server

  constructor() {
    this.#server = createServer((_, response) => {
      this.#send(response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
    })
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}/bundle.tar.gz`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #send(response: ServerResponse): Promise<void> {
    const bytes = await archiveOf(++this.revision)
    response.writeHead(200, { 'content-length': bytes.length, etag: `"${this.revision}"` })
    const parts = 4
    for (let part = 0; part < parts; part++) {
      this.atPart(part)
      response.write(bytes.subarray((bytes.length * part) / parts, (bytes.length * (part + 1)) / parts))
      await new Promise((resolve) => setImmediate(resolve))
    }
    response.end()
    this.sent()
  }
}

test(`the last good revision is served after each of ${kills} kills`, {
  timeout: 30_000 + kills * 10_000,
}, async (t) => {
  assert.ok(kills > 0)
  const folder = mkdtempSync(join(tmpdir(), 'store-kill-'))
  const service = new Service()
  const url = await service.start()
  t.after(() => service.close())
  const down = createServer((_, response) => response.writeHead(503).end())
  down.listen(0, '127.0.0.1')
  await once(down, 'listening')
  t.after(() => down.close())
  const nowhere = `http://127.0.0.1:${(down.address() as AddressInfo).port}/bundle.tar.gz`

  let live = 0
  const landed = { download: 0, store: 0 }
  for (let round = 0; round < kills; round++) {
    const moment: Moment =
      round % 3 === 0 ? { in: 'download', part: randomInt(0, 4) } : { in: 'store', afterMs: randomInt(0, 400) / 10 }
    const downloads = randomInt(1, 4)
    const told = await killedAt(url, folder, service, moment, downloads)
    landed[moment.in]++
    if (told !== undefined) {
      assert.ok(told >= live, `round ${round}: revision ${told} went live after ${live} had been`)
      live = told
    }
    const after = killedStore({ folder, url: nowhere, pollMs: 60_000, aside: false, onEvent: () => undefined })
    try {
      await after.start()
      const revision = Number(after.current()?.revision ?? 0)
      assert.equal(after.ready(), revision > 0, `round ${round}`)
      assert.ok(revision >= live, `round ${round}: revision ${revision} is served, ${live} had been live`)
      assert.ok(revision <= service.revision)
      live = revision
    } finally {
      await after.close()
    }
  }
  assert.ok(live > 0, 'no revision ever went live')
  t.diagnostic(
    `${landed.download} kills in a download, ${landed.store} after one; ${live} of ${service.revision} revisions`,
  )
})

/** Runs a store until its n-th download, kills it there, and answers the last revision that it said was live. */
async function killedAt(
  url: string,
  folder: string,
  service: Service,
  moment: Moment,
  downloads: number,
): Promise<number | undefined> {
  const running = spawn(process.execPath, ['--import', 'tsx', child, folder, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  running.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  const closed = once(running, 'close')
  let left = downloads
  await new Promise<void>((resolve, reject) => {
    void closed.then(() => reject(new Error(`the store ended by itself: ${out}`)))
    service.atPart = (part) => {
      if (moment.in === 'download' && part === moment.part && --left === 0) resolve()
    }
    service.sent = () => {
      if (moment.in === 'store' && --left === 0) resolve()
    }
  })
  if (moment.in === 'store') await pause(moment.afterMs)
  running.kill('SIGKILL')
  await closed
  assert.ok(!out.includes('refused'), `a revision was refused: ${out}`)
  // A line that the kill cut says nothing.
  const lines = out.split('\n').slice(0, -1)
  const told = lines.filter((line) => line.startsWith('live ')).at(-1)
  return told === undefined ? undefined : Number(told.slice('live '.length))
}
