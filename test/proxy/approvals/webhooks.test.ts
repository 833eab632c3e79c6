// Webhooks: signed, tried again where that helps, plain text whatever an agent writes, and buttons that carry the digest.
import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { type OpenHold, signWebhook, type Webhook, Webhooks } from '../../../proxy/approvals/index.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { Desk } from '../../support/approval-desk.ts'

const desk = new Desk([])
const service = desk.service('gate-1')
const secret = 'hook secret'
const posts: { readonly body: string; readonly headers: IncomingHttpHeaders }[] = []
let answers: number[] = []
let server: Server
let url = ''
let hold: OpenHold
before(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.once('end', () => {
      posts.push({ body, headers: request.headers })
      const status = answers.shift() ?? 200
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('ok')
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  const text = 'DELETE FROM orders; -- <!channel> <https://evil.example|click> *bold*\u202e'
  const opened = await desk.open(service, sampleDocument({ text }))
  hold = opened.hold
})
beforeEach(() => {
  posts.length = 0
  answers = []
})
after(async () => {
  server.close()
  server.closeAllConnections()
  await desk.close()
  assert.deepEqual(desk.failures, [])
})

/** Sends one event, and waits until the hook is done with it. */
async function send(change: Partial<Webhook> = {}, buttons = false) {
  const delays: number[] = []
  const failures: unknown[] = []
  const hook: Webhook = {
    name: 'chat',
    url,
    groups: [],
    format: 'full',
    secret: () => Promise.resolve(secret),
    ...change,
  }
  let wake: () => void = () => undefined
  const webhooks = new Webhooks(() => [hook], {
    fetch: async (input, init) => {
      try {
        return await fetch(input, init)
      } finally {
        setImmediate(() => wake())
      }
    },
    nowMs: () => desk.nowMs,
    delay: async (ms) => {
      delays.push(ms)
    },
    failed: (_, error) => {
      failures.push(error)
      wake()
    },
    buttons: () => buttons,
  })
  webhooks.send('opened', hold)
  return { delays, failures, more: () => new Promise<void>((done) => (wake = done)) }
}

test('a message is signed over its time and body, and says what the analyzer saw', async () => {
  const { more } = await send()
  while (posts.length < 1) await more()
  const [post] = posts
  const [, stamp, sum] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(post?.headers['x-sallyport-signature'])) ?? []
  assert.equal(signWebhook(secret, Number(stamp), post?.body ?? ''), sum)
  assert.notEqual(signWebhook('other', Number(stamp), post?.body ?? ''), sum)
  assert.notEqual(signWebhook(secret, Number(stamp) + 1, post?.body ?? ''), sum)
  const message = JSON.parse(post?.body ?? '')
  assert.deepEqual([message.event, message.hold, message.digest], ['hold.opened', hold.id, hold.digest])
})

test('what an agent writes is plain text in a chat, and buttons carry the digest that was shown', async () => {
  const { more } = await send({ format: 'slack' }, true)
  while (posts.length < 1) await more()
  const message = JSON.parse(posts[0]?.body ?? '')
  assert.deepEqual(Object.keys(message).sort(), ['blocks', 'text'])
  assert.doesNotMatch(message.text, /[<>]/)
  const blocks: { type: string; text?: { type: string }; elements?: { action_id: string; value: string }[] }[] =
    message.blocks
  for (const block of blocks) if (block.type === 'section') assert.equal(block.text?.type, 'plain_text')
  assert.ok(JSON.stringify(blocks).includes('\\\\u{202e}'), 'nothing hides')
  const buttons = blocks.find(({ type }) => type === 'actions')?.elements ?? []
  assert.deepEqual(
    buttons.map(({ action_id, value }) => [action_id, JSON.parse(value)]),
    ['sallyport.approve', 'sallyport.deny'].map((id) => [id, { hold: hold.id, digest: hold.digest }]),
  )
})

test('what is too long for a message is approved by no button, and pushes out no risk and no value', async () => {
  const whole = hold
  const { view } = hold
  try {
    hold = {
      ...hold,
      view: {
        ...view,
        what: Array.from({ length: 50 }, (_, index) => `  read public.${'t'.repeat(60)}${index}`),
        risks: ['DELETE without WHERE'],
        text: `DELETE FROM orders /* ${'x'.repeat(3000)} */`,
        parameters: ['"7"'],
      },
    }
    const { more } = await send({ format: 'slack' }, true)
    while (posts.length < 1) await more()
  } finally {
    hold = whole
  }
  const body = posts[0]?.body ?? ''
  assert.match(body, /risk: DELETE without WHERE/)
  assert.match(body, /\$1 = \\"7\\"/)
  assert.match(body, /sallyport approvals approve/)
  assert.match(body, /sallyport\.deny/)
  assert.doesNotMatch(body, /sallyport\.approve"/)
})

test('where no callback is taken there are no buttons', async () => {
  const { more } = await send()
  while (posts.length < 1) await more()
  assert.ok(!(posts[0]?.body ?? '').includes('sallyport.approve'))
})

test('a receiver that fails is asked again, each time later and newly signed', async () => {
  answers = [500, 429, 503, 200]
  const { delays, failures, more } = await send()
  while (posts.length < 4) await more()
  assert.deepEqual([delays, failures], [[1000, 2000, 4000], []])
})

test('a receiver that says no, sends elsewhere or never answers well is given up', async () => {
  answers = [403]
  const no = await send()
  while (no.failures.length === 0) await no.more()
  assert.equal(posts.length, 1)
  answers = Array.from({ length: 9 }, () => 500)
  const never = await send()
  while (never.failures.length === 0) await never.more()
  assert.deepEqual([posts.length, never.delays.length], [6, 4])
  answers = Array.from({ length: 9 }, () => 302)
  posts.length = 0
  const moved = await send()
  while (moved.failures.length === 0) await moved.more()
  assert.ok(posts.every(({ headers }) => headers['x-sallyport-signature'] !== undefined))
  assert.equal(posts.length, 5, 'the other place is never asked')
})

test('only those are told whose group is asked', async () => {
  const { failures, more } = await send({ groups: ['sales'] })
  const other = await send({ groups: ['dba'] })
  while (posts.length < 1) await other.more()
  assert.equal(posts.length, 1)
  assert.deepEqual(failures, [])
  assert.ok(more !== undefined)
})
