// What a client asks for on a channel before anything runs there: variables, its agent, its display.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, beforeEach, test } from 'node:test'
import type ssh2 from 'ssh2'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { systemClock } from '../../../proxy/gate/index.ts'
import { openToClient } from '../../../proxy/ssh/host-channels.ts'
import type { RunningSshListener } from '../../../proxy/ssh/index.ts'
import { gateParts, results, type TestParts } from '../../support/gate.ts'
import { byToken, connectTo, hostTarget, listenWith, somebody } from '../../support/ssh-listener.ts'
import { type SshHost, startSshHost } from '../../support/ssh-upstream.ts'

let host: SshHost
let listener: RunningSshListener
let parts: TestParts
/** What the host was told, and its side of the connection that told it last. */
const told: string[] = []
let atHost: ssh2.Connection | undefined
const judged: string[] = []
let refused: readonly string[] = []

before(async () => {
  host = await startSshHost((client, session) => {
    atHost = client
    session.on('env', (_agree, _refuse, { key, val }) => told.push(`${key}=${val}`))
    session.on('auth-agent', () => told.push('agent'))
    session.on('x11', (_agree, _refuse, { protocol, screen, cookie }) => told.push(`${protocol} ${screen} ${cookie}`))
  })
  parts = gateParts({ clock: systemClock })
  listener = await listenWith(parts, {
    authenticator: byToken(new Map([['good', somebody()]])),
    target: (name) => hostTarget(host, name, { warmMs: 60_000 }),
  })
})
beforeEach(() => {
  told.length = 0
  judged.length = 0
  refused = []
  parts.live.answer = (input) => {
    const { action } = input as ActionDocument
    const text = `${action.operation} ${action.text} ${action.complete}`
    judged.push(text)
    return refused.some((one) => text.startsWith(one)) ? results.deny : results.allow
  }
})
after(async () => {
  await listener.close()
  await host.close()
})

function exec(client: ssh2.Client, command: string, options: ssh2.ExecOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    client.exec(command, options, (error, channel) => {
      if (error) return reject(error)
      let out = ''
      channel.on('data', (bytes: Buffer) => {
        out += bytes.toString()
      })
      channel.stderr.resume()
      channel.on('close', () => resolve(out))
    })
  })
}

/** A connection that has forwarded its agent and its display, and the host's side of it. */
async function forwarding(cookie = '00ff'): Promise<{ client: ssh2.Client; host: ssh2.Connection }> {
  const client = await connectTo(listener.port, { password: 'good' })
  // The library forwards agents of its own kind only; the request is the same.
  const { _protocol: protocol } = client as unknown as {
    _protocol: { openssh_agentForward(id: number, wantReply: boolean): void; exec(...given: unknown[]): void }
  }
  const run = protocol.exec.bind(protocol)
  protocol.exec = (id, ...given) => {
    protocol.openssh_agentForward(Number(id), false)
    run(id, ...given)
  }
  // The library's own displays last as long as the command does.
  const x11 = { protocol: 'MIT-MAGIC-COOKIE-1', cookie, screen: 1 }
  await new Promise<void>((done, failed) => {
    client.exec('echo up; cat', { x11 }, (error, channel) =>
      error ? failed(error) : channel.once('data', () => done()),
    )
  })
  assert.ok(atHost)
  return { client, host: atHost }
}

function openedBy(from: ssh2.Connection, kind: 'agent' | 'x11'): Promise<ssh2.ServerChannel> {
  return new Promise((resolve, reject) => {
    openToClient(from, { kind, from: { host: 'program', port: 7 } }, (error, channel) =>
      channel === undefined ? reject(error ?? new Error('nothing')) : resolve(channel),
    )
  })
}

test('variables are judged one by one, and the host hears of those that may be', async () => {
  refused = ['env LD_PRELOAD', 'env LC_TIME']
  const client = await connectTo(listener.port)
  const environment = { LANG: 'C', LC_TIME: 'C', EDITOR: 'ed', LD_PRELOAD: '/tmp/x.so', 'BAD NAME': 'x', NUL: 'a\0b' }
  await exec(client, 'echo', { env: environment })
  assert.deepEqual(told, ['LANG=C', 'EDITOR=ed'])
  const asked = judged.filter((one) => one.startsWith('env'))
  assert.ok(asked.includes('env LANG=C true'), 'a name of a language hides nothing')
  assert.ok(asked.includes('env EDITOR=ed false'), 'another may change what a command does')
  assert.equal(asked.filter((one) => /BAD|NUL/.test(one)).length, 0)
  assert.equal(judged.at(-1), 'exec echo true')
  told.length = 0
  await exec(client, 'echo', {})
  assert.deepEqual(told, [], 'another channel has none of them')
  client.end()
})

test('a channel has a bound of questions, and what it asked for within it counts', async () => {
  const client = await connectTo(listener.port)
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`MANY_${index}`, 'x']))
  await exec(client, 'echo', { env: many })
  assert.equal(judged.filter((one) => one.startsWith('env')).length, 128)
  assert.equal(told.length, 128)
  assert.equal(judged.at(-1), 'exec echo true')
  client.end()
})

test('policy sees whether a command has a terminal', async () => {
  const { answer } = parts.live
  const terminals: unknown[] = []
  parts.live.answer = (input) => {
    const { action } = input as ActionDocument
    if (action.operation === 'exec') terminals.push(action.shell?.terminal)
    return action.shell?.terminal ? results.deny : answer(input)
  }
  const client = await connectTo(listener.port)
  assert.equal(await exec(client, 'echo in', {}), 'in\n')
  assert.equal(await exec(client, 'echo in', { pty: true }), '')
  assert.equal(await exec(client, 'echo in', {}), 'in\n')
  assert.deepEqual(terminals, [undefined, true, undefined])
  client.end()
})

test('an agent and a display go to the host when policy allows them, and each use is judged', async () => {
  const { client, host: there } = await forwarding()
  assert.deepEqual(told, ['agent', 'MIT-MAGIC-COOKIE-1 1 00ff'])
  assert.deepEqual(judged.slice(-3), [
    'x11 forward X11 false',
    'agent forward the agent false',
    'exec echo up; cat true',
  ])
  client.on('x11', (info, accept) => {
    assert.deepEqual(info, { srcIP: 'program', srcPort: 7 })
    const channel = accept()
    channel.pipe(channel)
  })
  const display = await openedBy(there, 'x11')
  display.write('drawn')
  const [came] = await once(display, 'data')
  assert.equal(String(came), 'drawn')
  display.end()
  assert.equal(judged.at(-1), 'x11 open the X11 display false')
  // The library refuses agents that it does not have: what came back is the client's own word.
  await assert.rejects(openedBy(there, 'agent'))
  assert.equal(judged.at(-1), 'agent use the agent false')
  client.end()
})

test('what is refused is not forwarded, and a host that opens it all the same is not answered by the client', async () => {
  refused = ['x11 forward', 'agent forward']
  const client = await connectTo(listener.port)
  await assert.rejects(exec(client, 'true', { x11: true }))
  await exec(client, 'true', {})
  assert.ok(atHost)
  let isAsked = false
  client.on('x11', () => {
    isAsked = true
  })
  await assert.rejects(openedBy(atHost, 'x11'))
  await assert.rejects(openedBy(atHost, 'agent'))
  assert.deepEqual([told, isAsked], [[], false])
  client.end()
})

test('a use that policy refuses is refused to the host alone', async () => {
  const { client, host: there } = await forwarding()
  refused = ['x11 open']
  let isAsked = false
  client.on('x11', () => {
    isAsked = true
  })
  await assert.rejects(openedBy(there, 'x11'))
  assert.equal(isAsked, false)
  assert.equal(await exec(client, 'echo on', {}), 'on\n')
  client.end()
})

test('a connection that was given an agent is left to nobody else, and what is open ends with its client', async () => {
  const { client, host: there } = await forwarding()
  client.on('x11', (_info, accept) => accept().resume())
  const display = await openedBy(there, 'x11')
  const ended = Promise.all([once(there, 'close'), once(display.resume(), 'close')])
  client.end()
  await ended
  assert.equal(display.writable, false)
})

test('what follows a question that waits for people waits, and what came for it meanwhile is not lost', async () => {
  const { answer } = parts.live
  parts.live.answer = (input) => ((input as ActionDocument).action.operation === 'env' ? results.hold : answer(input))
  for (const isApproved of [true, false]) {
    told.length = 0
    judged.length = 0
    const client = await connectTo(listener.port)
    const out = new Promise<string>((resolve, reject) => {
      client.exec('cat', { env: { EDITOR: 'ed' } }, (error, channel) => {
        if (error) return reject(error)
        let came = ''
        channel.on('data', (bytes: Buffer) => {
          came += bytes.toString()
        })
        channel.on('close', () => resolve(came))
      })
      // Some clients wait for no answer before they send what the command is to read.
      const { _protocol: protocol } = client as unknown as {
        _protocol: Record<'exec' | 'channelData', (...given: unknown[]) => void> & { channelEOF(id: unknown): void }
      }
      const run = protocol.exec.bind(protocol)
      protocol.exec = (id, ...given) => {
        run(id, ...given)
        protocol.channelData(0, Buffer.from('early'))
        protocol.channelEOF(0)
      }
    })
    while (parts.holds.waiting.size === 0) await new Promise(setImmediate)
    assert.ok(!judged.some((one) => one.startsWith('exec')), 'the command is not judged before')
    parts.live.answer = answer
    parts.holds.answer(
      isApproved ? { on: 'approved', detail: 'by somebody' } : { on: 'denied', detail: 'by somebody', message: 'no' },
    )
    assert.equal(await out, 'early')
    assert.deepEqual(told, isApproved ? ['EDITOR=ed'] : [])
    client.end()
    parts.live.answer = (input) => ((input as ActionDocument).action.operation === 'env' ? results.hold : answer(input))
  }
})

test('a recording knows how large a terminal was from its beginning on', async () => {
  const client = await connectTo(listener.port)
  const sizes = (): readonly unknown[] =>
    parts.recorder.entries().flatMap((entry) => (entry.kind === 'resize' ? [[entry.columns, entry.rows]] : []))
  const before = sizes().length
  await exec(client, 'echo in', { pty: { cols: 132, rows: 43 } })
  assert.deepEqual(sizes().slice(before), [[132, 43]])
  await exec(client, 'echo in', {})
  await exec(client, 'echo in', { pty: { cols: 0, rows: 0 } })
  assert.equal(sizes().length, before + 1)
  client.end()
})
