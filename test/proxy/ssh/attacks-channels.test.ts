// What clients and hosts can say of a channel that no honest one says, and what of it the other side is told.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, beforeEach, test } from 'node:test'
import type ssh2 from 'ssh2'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { systemClock } from '../../../proxy/gate/index.ts'
import type { RunningSshListener } from '../../../proxy/ssh/index.ts'
import { originOf } from '../../../proxy/ssh/place.ts'
import { gateParts, results, type TestParts } from '../../support/gate.ts'
import { exec, output } from '../../support/ssh-attacked.ts'
import { byToken, connectTo, hostTarget, listenWith, somebody } from '../../support/ssh-listener.ts'
import { inside, message, payload, sendPayload } from '../../support/ssh-raw.ts'
import { type SshHost, startSshHost } from '../../support/ssh-upstream.ts'

let host: SshHost
let listener: RunningSshListener
let parts: TestParts
const errors: string[] = []
/** What the host was told. */
const told: string[] = []
/** The host's side of the connection that came last. */
let atHost: ssh2.Connection | undefined

before(async () => {
  host = await startSshHost((client, session, modes) => {
    atHost = client
    session.on('pty', (_agree, _refuse, info) => {
      told.push(`pty ${Reflect.get(info, 'term')} ${info.cols}`)
      const set = modes()
      if (set !== undefined) told.push(set.toString('hex'))
    })
    session.on('window-change', (_agree, _refuse, { cols }) => told.push(`size ${cols}`))
    session.on('signal', (_agree, _refuse, { name }) => told.push(`signal ${name}`))
  })
  parts = gateParts({ clock: systemClock })
  listener = await listenWith(parts, {
    authenticator: byToken(new Map([['good', somebody()]])),
    target: (name) => hostTarget(host, name),
    onError: (_where, error) => errors.push(error instanceof Error ? error.message : String(error)),
  })
})
beforeEach(() => {
  told.length = 0
  errors.length = 0
  host.ran.length = 0
  parts.live.answer = () => results.allow
})
after(async () => {
  await listener.close()
  await host.close()
})

/** Sends a payload, and answers which of two messages comes for it. */
async function said(client: ssh2.Client, body: Buffer, ...names: readonly string[]): Promise<string> {
  const { _handlers: handlers } = inside(client)._protocol
  const originals = names.map((name) => handlers[name])
  const came = await new Promise<string>((resolve) => {
    for (const name of names) handlers[name] = () => resolve(name)
    sendPayload(client, body)
  })
  for (const [index, name] of names.entries()) {
    const original = originals[index]
    if (original !== undefined) handlers[name] = original
  }
  return came
}

/** Sends a request on a channel, and answers whether the gateway took it. */
function ask(client: ssh2.Client, type: string, ...rest: readonly (number | string | Buffer)[]): Promise<string> {
  const request = payload(message.channelRequest, 0, type, true, ...rest)
  return said(client, request, 'CHANNEL_SUCCESS', 'CHANNEL_FAILURE')
}

/** Opens a channel with packets of a size. */
function open(client: ssh2.Client, packetBytes: number): Promise<string> {
  const opening = payload(message.channelOpen, 'session', 0, 1 << 20, packetBytes)
  return said(client, opening, 'CHANNEL_OPEN_CONFIRMATION', 'CHANNEL_OPEN_FAILURE')
}

test('a channel whose packets hold nothing, or next to nothing, is not opened', async () => {
  for (const bytes of [0, 1, 255]) {
    const client = await connectTo(listener.port)
    assert.equal(await open(client, bytes), 'CHANNEL_OPEN_FAILURE', `${bytes}`)
    assert.equal(await output(client, 'echo still here'), 'still here\n')
    client.destroy()
  }
  const client = await connectTo(listener.port)
  assert.equal(await open(client, 256), 'CHANNEL_OPEN_CONFIRMATION')
  client.destroy()
})

test('a host whose packets hold nothing is let go, and nobody else is', async () => {
  const client = await connectTo(listener.port)
  await output(client, 'echo first')
  const protocol: unknown = Reflect.get(atHost ?? {}, '_protocol')
  const confirm: unknown = Reflect.get(Object(protocol), 'channelOpenConfirm')
  assert.ok(typeof confirm === 'function')
  Reflect.set(Object(protocol), 'channelOpenConfirm', (remote: number, local: number, window: number) =>
    confirm.call(protocol, remote, local, window, 0),
  )
  const closed = once(client, 'close')
  for (let index = 0; index < 3; index++) client.exec('cat', (_error, channel) => channel?.end('something'))
  await closed
  const other = await connectTo(listener.port)
  assert.equal(await output(other, 'echo still here'), 'still here\n')
  other.destroy()
})

test('a signal that nobody knows is passed over, before the command runs and while it does', async () => {
  const client = await connectTo(listener.port)
  assert.equal(await open(client, 1 << 15), 'CHANNEL_OPEN_CONFIRMATION')
  const signal = (name: string): void => sendPayload(client, payload(message.channelRequest, 0, 'signal', false, name))
  sendPayload(client, payload(message.channelRequest, 0, 'exec', false, 'sleep 30'))
  for (const name of ['NOPE', '', 'SIG@openssh.com', 'TERM\u001b[2J']) signal(name)
  while (!host.ran.includes('sleep 30')) await new Promise(setImmediate)
  for (const name of ['NOPE', '', 'USR1']) signal(name)
  while (told.length === 0) await new Promise(setImmediate)
  assert.deepEqual(told, ['signal USR1'])
  assert.deepEqual(errors, [])
  client.destroy()
})

test('the end by a signal that only the host has a name for is told', async () => {
  const client = await connectTo(listener.port)
  const channel = await exec(client, 'cat')
  while (!host.ran.includes('cat')) await new Promise(setImmediate)
  const exited = once(channel, 'exit')
  const closed = once(channel, 'close')
  // OpenSSH says so of signals beyond those of RFC 4254, such as a bus error. The gateway numbers its channels anew.
  const peer: unknown = atHost
  for (let id = 0; id < 3; id++)
    sendPayload(
      peer as ssh2.Client,
      payload(message.channelRequest, id, 'exit-signal', false, 'SIG@openssh.com', false, '', ''),
    )
  channel.resume().end()
  assert.equal((await exited)[0], 255)
  await closed
  client.destroy()
})

test('the name of a terminal is a name, and its size is one', async () => {
  const size = [0xffffffff, 24, 0, 0] as const
  for (const term of [
    '() { :;}; echo x',
    '\u001b[2J',
    '../../tmp/x',
    '/tmp/x',
    '-x',
    'x\0y',
    'x'.repeat(65),
    'a=b',
    'ä',
  ]) {
    const client = await connectTo(listener.port)
    await open(client, 1 << 15)
    assert.equal(await ask(client, 'pty-req', term, ...size, Buffer.from([0])), 'CHANNEL_FAILURE', term)
    client.destroy()
  }
  for (const term of ['xterm-256color', 'screen.xterm-256color', 'xterm+256color', 'vt100']) {
    told.length = 0
    const client = await connectTo(listener.port)
    await open(client, 1 << 15)
    assert.equal(await ask(client, 'pty-req', term, ...size, Buffer.from([0])), 'CHANNEL_SUCCESS', term)
    assert.equal(await ask(client, 'exec', 'true'), 'CHANNEL_SUCCESS')
    while (told.length === 0) await new Promise(setImmediate)
    assert.deepEqual(told, [`pty ${term} 65535`])
    client.destroy()
  }
})

const erase = '03000000' + '08'
const noEcho = '35000000' + '00'
for (const [what, given, set] of [
  ['as they are', `${erase}${noEcho}00`, `${erase}${noEcho}00`],
  ['without their end', `${erase}${noEcho}`, `${erase}${noEcho}00`],
  ['up to what nobody knows', `${erase}a000000001${noEcho}00`, `${erase}00`],
  ['as far as they are whole', `${erase}350000`, `${erase}00`],
  ['not where there are none', '00', undefined],
  ['not where there is nothing', '', undefined],
] as const)
  test(`a host is told how a terminal is set, ${what}`, async () => {
    const client = await connectTo(listener.port)
    await open(client, 1 << 15)
    const agreed = await ask(client, 'pty-req', 'xterm', 80, 24, 0, 0, Buffer.from(given, 'hex'))
    assert.equal(agreed, 'CHANNEL_SUCCESS')
    assert.equal(await ask(client, 'exec', 'true'), 'CHANNEL_SUCCESS')
    while (told.length < (set === undefined ? 1 : 2)) await new Promise(setImmediate)
    assert.deepEqual(told, ['pty xterm 80', ...(set === undefined ? [] : [set])])
    client.destroy()
  })

test('a shell whose lines are judged has the keys of the host', async () => {
  const lines = await listenWith(parts, {
    authenticator: byToken(new Map([['good', somebody()]])),
    target: (name) => hostTarget(host, name, { shells: ['lines'] }),
  })
  const client = await connectTo(lines.port)
  await open(client, 1 << 15)
  await ask(client, 'pty-req', 'xterm', 80, 24, 0, 0, Buffer.from(`${erase}${noEcho}00`, 'hex'))
  assert.equal(await ask(client, 'shell'), 'CHANNEL_SUCCESS')
  while (told.length === 0) await new Promise(setImmediate)
  assert.deepEqual(told, ['pty xterm 80'])
  client.destroy()
  await lines.close()
})

test('of many sizes in a moment the host is told few, the last among them, and few are recorded', async () => {
  const client = await connectTo(listener.port)
  const entries = parts.recorder.entries().length
  await open(client, 1 << 15)
  await ask(client, 'pty-req', 'xterm', 80, 24, 0, 0, Buffer.from([0]))
  await ask(client, 'exec', 'sleep 30')
  while (told.length === 0) await new Promise(setImmediate)
  for (let index = 0; index <= 5000; index++)
    sendPayload(client, payload(message.channelRequest, 0, 'window-change', false, 100 + index, 24, 0, 0))
  while (told.at(-1) !== 'size 5100') await new Promise(setImmediate)
  const sizes = told.filter((one) => one.startsWith('size'))
  assert.ok(sizes.length < 1000, `${sizes.length} sizes were told`)
  const recorded = parts.recorder
    .entries()
    .slice(entries)
    .filter((entry) => entry.kind === 'resize')
  assert.ok(recorded.length < 1000, `${recorded.length} sizes are recorded`)
  client.destroy()
})

test('whence a forwarded connection comes is an address or a word, and a port', () => {
  assert.deepEqual(originOf({ host: '192.0.2.7', port: 4711 }), { host: '192.0.2.7', port: 4711 })
  assert.deepEqual(originOf({ host: '2001:db8::1', port: 0 }), { host: '2001:db8::1', port: 0 })
  assert.deepEqual(originOf({ host: 'UNKNOWN', port: 65_535 }), { host: 'UNKNOWN', port: 65_535 })
  for (const host of ['', 'evil\u001b[2J\n', 'two words', '192.0.2.7\0', 'x'.repeat(300_000)])
    assert.deepEqual(originOf({ host, port: 0xffffffff }), { host: '0.0.0.0', port: 0 })
})

test('a size that is told while people are waited for is that of what runs then', async () => {
  parts.live.answer = (input) => ((input as ActionDocument).action.operation === 'exec' ? results.hold : results.allow)
  const client = await connectTo(listener.port)
  await open(client, 1 << 15)
  await ask(client, 'pty-req', 'xterm', 80, 24, 0, 0, Buffer.from([0]))
  await ask(client, 'exec', 'sleep 30')
  while (parts.holds.waiting.size === 0) await new Promise(setImmediate)
  sendPayload(client, payload(message.channelRequest, 0, 'window-change', false, 132, 43, 0, 0))
  const isTold = (): boolean =>
    parts.recorder.entries().some((entry) => entry.kind === 'resize' && entry.columns === 132)
  while (!isTold()) await new Promise(setImmediate)
  parts.live.answer = () => results.allow
  while (!parts.holds.answer({ on: 'approved', detail: '' })) await new Promise(setImmediate)
  while (!told.includes('size 132')) await new Promise(setImmediate)
  assert.equal(told[0], 'pty xterm 80')
  client.destroy()
})

test('what is asked on a channel where something runs is answered once, known or not', async () => {
  const client = await connectTo(listener.port)
  await open(client, 1 << 15)
  assert.equal(await ask(client, 'nobody-knows@example'), 'CHANNEL_FAILURE')
  await ask(client, 'exec', 'sleep 30')
  const { _handlers: handlers } = inside(client)._protocol
  const answers: string[] = []
  for (const name of ['CHANNEL_SUCCESS', 'CHANNEL_FAILURE']) handlers[name] = () => answers.push(name.slice(8, 12))
  const ask2 = (type: string, ...rest: readonly (number | string | Buffer)[]): void =>
    sendPayload(client, payload(message.channelRequest, 0, type, true, ...rest))
  ask2('winadj@putty.projects.tartarus.org')
  ask2('window-change', 100, 24, 0, 0)
  ask2('exec', 'echo more')
  ask2('signal', 'USR1')
  ask2('env', 'A', 'b')
  ask2('break', 100)
  while (answers.length < 6) await new Promise(setImmediate)
  assert.equal(await output(await connectTo(listener.port), 'echo on'), 'on\n')
  assert.deepEqual(answers, ['FAIL', 'SUCC', 'FAIL', 'SUCC', 'SUCC', 'FAIL'])
  client.destroy()
})
