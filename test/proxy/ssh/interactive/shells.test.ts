// Shells by policy: the wrapper that the gateway serves, and a host's shell a judged line at a time.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import ssh2, { type ClientChannel } from 'ssh2'
import type { ActionDocument } from '../../../../engine/action/index.ts'
import { systemClock } from '../../../../proxy/gate/index.ts'
import type { RunningSshListener } from '../../../../proxy/ssh/index.ts'
import { gateParts, results, type TestParts } from '../../../support/gate.ts'
import { hostTarget, listenWith, somebody } from '../../../support/ssh-listener.ts'
import { type SshHost, startSshHost } from '../../../support/ssh-upstream.ts'

let host: SshHost
let listener: RunningSshListener
let parts: TestParts
const judged: string[] = []
before(async () => {
  host = await startSshHost()
  parts = gateParts({ clock: systemClock })
  const identity = somebody()
  listener = await listenWith(parts, {
    authenticator: { authenticate: async () => ({ ok: true, identity }) },
    target: (name) => hostTarget(host, name, { shells: ['record', 'lines', 'wrapper'] }),
  })
})
beforeEach(() => {
  judged.length = 0
  host.ran.length = 0
})
after(async () => {
  await listener.close()
  await host.close()
})

/** Only one way to have a shell is allowed, and no line with `rm` in it. */
function allowOnly(mode: string): void {
  parts.live.answer = (input) => {
    const { action } = input as ActionDocument
    if (action.operation === 'connect') return results.allow
    judged.push(action.text)
    if (action.operation === 'shell') return action.shell?.mode === mode ? results.allow : results.deny
    return action.complete && !action.shell?.commands.some(({ name }) => name === 'rm') ? results.allow : results.deny
  }
}

interface Shell {
  readonly channel: ClientChannel
  /** Waits until the output since the last call has this. */
  until(text: string): Promise<string>
  readonly closed: Promise<number | null>
  end(): void
}

function open(pty: ssh2.PseudoTtyOptions | false): Promise<Shell> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.on('error', reject)
    client.once('ready', () => {
      client.shell(pty, (error, channel) => {
        if (error) return reject(error)
        let seen = ''
        let check: () => void = () => undefined
        const take = (bytes: Buffer): void => {
          seen += bytes.toString()
          check()
        }
        channel.on('data', take)
        channel.stderr.on('data', take)
        let code: number | null = null
        channel.on('exit', (status: number | null) => {
          code = status
        })
        resolve({
          channel,
          until: (text) =>
            new Promise((done) => {
              check = () => {
                const at = seen.indexOf(text)
                if (at < 0) return
                const found = seen.slice(0, at + text.length)
                seen = seen.slice(at + text.length)
                check = () => undefined
                done(found)
              }
              check()
            }),
          closed: new Promise((done) => channel.on('close', () => done(code))),
          end: () => client.end(),
        })
      })
    })
    client.connect({ host: '127.0.0.1', port: listener.port, username: 'web', password: 'x' })
  })
}

test('the wrapper runs each line as a judged command, and nothing else', async () => {
  allowOnly('wrapper')
  const shell = await open({ term: 'xterm', cols: 80, rows: 24 })
  await shell.until('web> ')
  shell.channel.write('echo hellp\x7fo\r')
  await shell.until('hello\n')
  await shell.until('web> ')
  shell.channel.write('echo x; rm -rf /\r')
  assert.match(await shell.until('web> '), /sallyport: not this\r\nsallyport: rule p\.no/)
  shell.channel.write('A=1; eval "$A"\r')
  await shell.until('web> ')
  shell.channel.write('\x1b[A\r')
  await shell.until('hello\n')
  await shell.until('web> ')
  shell.channel.write('ec\t again\r')
  await shell.until('again\n')
  shell.channel.write('exit 3\r')
  assert.equal(await shell.closed, 3)
  assert.deepEqual(host.ran, ['echo hello', 'echo hello', 'echo  again'])
  assert.deepEqual(judged.slice(0, 3), ['shell', 'shell (lines)', 'shell (wrapper)'])
  shell.end()
})

test('the wrapper gives input to the command that runs, and signals', async () => {
  allowOnly('wrapper')
  const shell = await open({ term: 'xterm', cols: 80, rows: 24 })
  await shell.until('web> ')
  shell.channel.write('echo ready; head -n 1\r')
  await shell.until('ready\n')
  shell.channel.write('typed\n')
  await shell.until('typed\n')
  await shell.until('web> ')
  shell.channel.write('\x04')
  assert.equal(await shell.closed, 0)
  shell.end()
})

test('without a terminal the wrapper reads lines until they end', async () => {
  allowOnly('wrapper')
  const shell = await open(false)
  shell.channel.end('echo one\ncat\nrm x\necho two')
  const out = await shell.until('two\n')
  assert.match(out, /^one\n(?:.|\n)*not this(?:.|\n)*two\n$/)
  assert.equal(await shell.closed, 0)
  assert.deepEqual(host.ran, ['echo one', 'cat', 'echo two'])
  shell.end()
})

test('a shell a line at a time sends what was judged, whole', async () => {
  allowOnly('lines')
  const shell = await open({ term: 'xterm', cols: 80, rows: 24 })
  await shell.until('welcome')
  shell.channel.write('rm x\r')
  assert.match(await shell.until('decision'), /not this/)
  shell.channel.write('ls -z\x7fl\x1b[D\x1b[3~a\r')
  const sent = await shell.until('ls -a\r')
  assert.doesNotMatch(sent, /rm x\r/)
  shell.channel.write('echo exit\r')
  await shell.closed
  assert.deepEqual(
    judged.filter((text) => !text.startsWith('shell')),
    ['rm x', 'ls -a', 'echo exit'],
  )
  shell.end()
})

test('no key reaches the host before its line was judged, and control characters never do', async () => {
  allowOnly('lines')
  const shell = await open({ term: 'xterm', cols: 80, rows: 24 })
  await shell.until('welcome')
  shell.channel.write('rm\x12 -rf\x16 /\x0f')
  await shell.until('/')
  shell.channel.write('\x15echo safe\r')
  const shown = await shell.until('echo safe\r')
  assert.doesNotMatch(shown, /rm -rf \/\r/)
  shell.channel.write('echo exit\r')
  await shell.closed
  assert.deepEqual(
    judged.filter((text) => !text.startsWith('shell')),
    ['echo safe', 'echo exit'],
  )
  shell.end()
})

test('a shell that no way is allowed for is refused with the last refusal', async () => {
  allowOnly('none')
  const shell = await open({ term: 'xterm', cols: 80, rows: 24 })
  await shell.until('not this')
  assert.equal(await shell.closed, 126)
  assert.deepEqual(judged, ['shell', 'shell (lines)', 'shell (wrapper)'])
  shell.end()
})
