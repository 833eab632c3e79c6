// `sallyport serve` with people who answer by a button in a chat and by a login: the callback needs no token of the admin
// listener, everything else there does.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { signCallback } from '../../proxy/approvals/index.ts'
import { type DevIssuer, startDevIssuer } from '../../proxy/identity/index.ts'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const readyMs = 60_000
const policy = `package policy.api

allow if true

hold contains {"rule": "api.post", "reason": "it writes", "reviewers": ["dba"], "quorum": 1, "expires": "5m"} if {
	input.action.operation == "POST"
}
`
interface Button {
  readonly action_id: string
  readonly value: string
}
const folder = mkdtempSync(join(tmpdir(), 'serve-approvals-'))
const ports = new Map<string, number>()
const messages: { readonly blocks: readonly { readonly elements?: readonly Button[] }[] }[] = []
let messageCame: () => void = () => undefined
let api: Server
let hook: Server
let issuer: DevIssuer
let gateway: ChildProcess

async function listening(told: (body: string) => void): Promise<Server> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.once('end', () => {
      told(body)
      response.end('done')
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return server
}

before(async () => {
  api = await listening(() => undefined)
  hook = await listening((body) => {
    messages.push(JSON.parse(body))
    messageCame()
  })
  issuer = await startDevIssuer()
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 })
  mkdirSync(join(folder, 'policies'))
  write('policies/p.rego', policy)
  write('jwks.json', JSON.stringify(issuer.jwks))
  for (const name of ['sign.pem', 'vouch.pem'])
    write(name, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  write('signing-secret', 'chat secret')
  write('hook-secret', 'hook secret')
  write('admin-token', 'admin token')
  write(
    'sallyport.yaml',
    `version: 1
listeners:
  - { protocol: http, name: web, address: "127.0.0.1:0" }
  - { protocol: admin, name: admin, address: "127.0.0.1:0", token: "file:admin-token" }
identity:
  issuers:
    - { name: dev, preset: oidc, issuer: "${issuer.url}", jwks: jwks.json, audiences: [${issuer.audience}], algorithms: [ES256], kind: agent, claims: { subject: sub, groups: groups, scopes: scope, kind: kind } }
resources:
  - { name: api, protocol: http, upstream: { url: "http://127.0.0.1:${(api.address() as AddressInfo).port}" } }
bundles:
  signed: false
  sources: [{ kind: folder, name: main, path: policies }]
approvals:
  signing_key: file:vouch.pem
  logins: [dev]
  chat:
    signing_secret: file:signing-secret
    people: [{ user: U1, subject: dba-1, issuer: "https://people.example", groups: [dba] }]
  webhooks:
    - { name: chat, url: "http://127.0.0.1:${(hook.address() as AddressInfo).port}/", secret: "file:hook-secret", groups: [dba], format: slack }
recording:
  signing_key: file:sign.pem
`,
  )
  gateway = spawn(process.execPath, [bin, 'serve', '--config', 'sallyport.yaml'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  await new Promise<void>((resolve, reject) => {
    const look = (chunk: Buffer): void => {
      out += chunk.toString()
      for (const line of out.split('\n')) {
        if (!line.startsWith('{') || !line.endsWith('}')) continue
        const { listener, port } = JSON.parse(line) as { listener?: string; port?: number }
        if (listener !== undefined && port !== undefined) ports.set(listener, port)
      }
      if (ports.size === 2) resolve()
    }
    gateway.stdout?.on('data', look)
    gateway.stderr?.on('data', look)
    gateway.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${out}`)))
    setTimeout(() => reject(new Error(`serve is not up: ${out}`)), readyMs).unref()
  })
})
after(async () => {
  gateway.removeAllListeners('exit')
  const ended = once(gateway, 'exit')
  gateway.kill('SIGKILL')
  await ended
  await issuer.close()
  for (const server of [api, hook]) {
    server.close()
    server.closeAllConnections()
  }
  rmSync(folder, { recursive: true, force: true })
})

const token = (subject: string, kind: 'agent' | 'human', groups: readonly string[]): Promise<string> =>
  issuer.token({ subject, kind, groups, scopes: [], lifetimeSeconds: 600 })

/** A request that is held, and the buttons that its message shows. */
async function held(): Promise<{ readonly done: Promise<Response>; readonly buttons: readonly Button[] }> {
  messages.length = 0
  const done = fetch(`http://127.0.0.1:${ports.get('web')}/orders`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await token('agent-1', 'agent', [])}` },
    body: 'x',
  })
  // Messages that tell how an earlier hold ended have no buttons.
  const buttons = (): readonly Button[] =>
    messages.flatMap(({ blocks }) => blocks.flatMap(({ elements }) => elements ?? []))
  while (buttons().length === 0)
    await new Promise<void>((came) => {
      messageCame = came
    })
  return { done, buttons: buttons() }
}

async function press(button: Button | undefined, secret = 'chat secret'): Promise<number> {
  const payload = { type: 'block_actions', user: { id: 'U1' }, actions: [button] }
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
  const stamp = String(Math.floor(Date.now() / 1000))
  const response = await fetch(`http://127.0.0.1:${ports.get('admin')}/v1/chat/actions`, {
    method: 'POST',
    headers: { 'x-slack-request-timestamp': stamp, 'x-slack-signature': signCallback(secret, stamp, body) },
    body,
  })
  return response.status
}

test('a button in a chat approves and denies; without the signing secret it does nothing', async () => {
  const first = await held()
  assert.equal(await press(first.buttons[0], 'guess'), 401)
  assert.equal(await press(first.buttons[0]), 200)
  assert.equal((await first.done).status, 200)
  const second = await held()
  assert.equal(await press(second.buttons[1]), 200)
  const refused = await second.done
  assert.equal(refused.status, 403)
  assert.match(await refused.text(), /denied by dba-1/)
})

test('a login answers on the command line; that of an agent does not, and nobody looks without the token', async () => {
  const { done, buttons } = await held()
  const { hold }: { hold: string } = JSON.parse(buttons[0]?.value ?? '{}')
  const approve = async (login: string, admin = 'admin-token'): Promise<readonly [number | null, string]> => {
    writeFileSync(join(folder, 'login'), login, { mode: 0o600 })
    const url = `http://127.0.0.1:${ports.get('admin')}`
    const args = ['approvals', 'approve', hold, '--login-file', 'login', '--url', url, '--token-file', admin]
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        out += chunk.toString()
      })
    const [code]: readonly (number | null)[] = await once(child, 'close')
    return [code ?? null, out]
  }
  const person = await token('dba-2', 'human', ['dba'])
  assert.equal((await approve(person, 'hook-secret'))[0], 1)
  assert.match((await approve(await token('agent-2', 'agent', ['dba'])))[1], /this login answers nothing here/)
  assert.deepEqual(await approve(person), [0, 'approved\n'])
  assert.equal((await done).status, 200)
})
