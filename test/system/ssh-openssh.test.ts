// The OpenSSH client through the gateway to a real `sshd`: commands by the thousand, terminals, signals, half-closed input,
// bytes of all values, forwards, agents, jumps. Needs `ssh` and `sshd` (Debian: openssh-client, openssh-server).
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type SshGateway, startSshGateway } from '../support/ssh-gateway.ts'
import { programMissing, type Sshd, sshdMissing, startSshd } from '../support/sshd.ts'

const skip = sshdMissing || programMissing('ssh', ['-V'])
const noPython = skip || programMissing('python3')
/** Commands one after another over one connection, and over a connection each. */
const manyOnOne = Number(process.env['SALLYPORT_SSH_EXECS'] ?? 1000)
const manyConnections = Math.max(20, manyOnOne / 10)
const folder = mkdtempSync(join(tmpdir(), 'ssh-openssh-'))
let sshd: Sshd
let inner: Sshd
let gateway: SshGateway
let echo: Server
let echoPort = 0

before(async () => {
  if (skip !== false) return
  sshd = await startSshd(['AcceptEnv SALLYPORT_*'])
  inner = await startSshd()
  echo = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  await new Promise<void>((done) => echo.listen(0, '127.0.0.1', done))
  const address = echo.address()
  echoPort = typeof address === 'object' && address !== null ? address.port : 0
  gateway = await startSshGateway(
    [
      { name: 'web', ...sshd },
      { name: 'trusted', ...sshd },
    ],
    `package policy.hosts
programs := {"echo", "cat", "true", "false", "exit", "kill", "sleep", "wc", "head", "stty", "printf", "sh"}
allow if input.action.verb == "connect"
allow if {
	input.action.shell.operation == "exec"
	input.action.complete
	every command in input.action.shell.commands { command.name in programs }
}
allow if input.action.shell.operation == "shell"
allow if {
	input.resource.name == "trusted"
	input.action.shell.operation in {"agent", "exec"}
}
allow if {
	input.resource.name == "trusted"
	input.action.shell.environment.name in {"LANG", "SALLYPORT_TEST"}
}
allow if {
	input.action.shell.operation == "forward"
	input.action.shell.forward.port in {${echoPort}, ${inner.port}}
}
allow if {
	input.action.shell.operation == "remote_forward"
	input.action.shell.forward.host == "127.0.0.1"
}
`,
  )
})
after(async () => {
  if (skip !== false) return
  await gateway.close()
  await sshd.close()
  await inner.close()
  echo.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A master connection, for as long as `use` runs. */
async function withMaster(use: (options: readonly string[]) => Promise<void>): Promise<void> {
  const path = join(folder, 'master')
  const options = ['-o', `ControlPath=${path}`]
  const master = await gateway.ssh([...options, '-o', 'ControlMaster=yes', '-o', 'ControlPersist=yes', '-fN', 'web'])
  assert.equal(master.code, 0, master.err)
  try {
    await use(options)
  } finally {
    await gateway.ssh([...options, '-O', 'exit', 'web'])
  }
}

test(`${manyOnOne} commands in a row on one connection each answer rightly`, { skip }, async () => {
  await withMaster(async (options) => {
    // One shell runs them all, so that starting programs here does not take longer than what is tested.
    const script = join(folder, 'many.sh')
    writeFileSync(
      script,
      `i=0; while [ $i -lt ${manyOnOne} ]; do got=$(ssh -F "$1" -o "ControlPath=$2" web "echo $i; exit $((i % 7))" </dev/null); echo "$got $?"; i=$((i+1)); done\n`,
    )
    const { out, err, code } = await gateway.run(
      'sh',
      [script, gateway.clientConfig, (options[1] ?? '').slice('ControlPath='.length)],
      '',
      { timeout: 600_000 },
    )
    assert.equal(code, 0, err)
    const want = Array.from({ length: manyOnOne }, (_, index) => `${index} ${index % 7}`)
    assert.deepEqual(out.toString().trim().split('\n'), want)
  })
})

test(`${manyConnections} connections, each with a command`, { skip }, async () => {
  for (let index = 0; index < manyConnections; index += 4) {
    const ran = await Promise.all([0, 1, 2, 3].map((one) => gateway.ssh(['web', `echo ${index + one}`])))
    assert.deepEqual(
      ran.map(({ out, code }) => [out.toString(), code]),
      [0, 1, 2, 3].map((one) => [`${index + one}\n`, 0]),
    )
  }
})

test('exit status and signals come through, and a refused command never runs', { skip }, async () => {
  assert.equal((await gateway.ssh(['web', 'exit 42'])).code, 42)
  // ssh itself answers 255 for a command that a signal ended.
  assert.equal((await gateway.ssh(['web', 'kill -TERM $$'])).code, 255)
  const shell = await gateway.ssh(['-tt', 'web'], 'kill -KILL $$\n')
  assert.equal(shell.code, 255)
  const refused = await gateway.ssh(['web', `touch ${join(folder, 'made')}`])
  assert.equal(refused.code, 126)
  assert.match(refused.err, /^sallyport: .*\nsallyport: rule .*, decision /)
})

test('input may end while output goes on, and every byte value comes back as it was', { skip }, async () => {
  assert.equal((await gateway.ssh(['web', 'wc -c; echo after'], 'x'.repeat(100_000))).out.toString(), '100000\nafter\n')
  const bytes = Buffer.alloc(1024 * 1024)
  for (let index = 0; index < bytes.length; index++) bytes[index] = (index * 7 + (index >> 8)) & 255
  const { out, code } = await gateway.ssh(['web', 'cat'], bytes)
  assert.equal(code, 0)
  assert.ok(out.equals(bytes))
  const both = await gateway.ssh(['web', 'echo out; echo err >&2; false'])
  assert.deepEqual([both.out.toString(), both.err, both.code], ['out\n', 'err\n', 1])
})

test('a command that reads only some of its input ends, and so does one whose reader left', { skip }, async () => {
  const { out, code } = await gateway.ssh(['web', 'head -c 5'], Buffer.alloc(3 * 1024 * 1024, 'abcde'))
  assert.deepEqual([out.toString(), code], ['abcde', 0])
  const piped = await gateway.run('sh', [
    '-c',
    `ssh -F ${gateway.clientConfig} web 'sh -c "while true; do echo y; done"' | head -n 2`,
  ])
  assert.equal(piped.out.toString(), 'y\ny\n')
})

test('a terminal has its size, is resized, and interrupts', { skip: noPython }, async () => {
  const script = `
import fcntl, os, pty, re, select, signal, struct, sys, termios
def size(rows, cols):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', rows, cols, 0, 0))
pid, fd = pty.fork()
if pid == 0:
    os.execvp('ssh', ['ssh', '-F', sys.argv[1], '-tt', 'web'])
seen = b''
def until(pattern):
    global seen
    while True:
        found = re.search(pattern, seen)
        if found:
            seen = seen[found.end():]
            return
        if not select.select([fd], [], [], 60)[0]:
            sys.exit('nothing like ' + repr(pattern) + ' in ' + repr(seen))
        seen += os.read(fd, 65536)
size(24, 80)
os.write(fd, b'PS1=; stty -echo; echo re""ady\\n')
until(b'ready')
size(41, 123)
os.kill(pid, signal.SIGWINCH)
# The new size goes its own way: it is asked for until it is there.
os.write(fd, b'until [ "$(stty size)" = "41 123" ]; do :; done; echo re""sized\\n')
until(b'resized')
os.write(fd, b"sh -c 'trap \\"echo interrupted; exit\\" INT; echo trapped; while :; do sleep 1; done'\\n")
until(b'trapped')
os.write(fd, b'\\x03')
until(b'interrupted')
os.write(fd, b'exit 5\\n')
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`
  const { code, err } = await gateway.run('python3', ['-c', script, gateway.clientConfig])
  assert.deepEqual([code, err], [5, ''])
})

test('a forward that policy allows carries bytes, and another is refused', { skip }, async () => {
  const through = await gateway.ssh(['-W', `127.0.0.1:${echoPort}`, 'web'], 'to and fro')
  assert.deepEqual([through.out.toString(), through.code], ['to and fro', 0])
  const refused = await gateway.ssh(['-W', `127.0.0.1:${sshd.port}`, 'web'])
  assert.notEqual(refused.code, 0)
  assert.match(refused.err, /forwarding failed|administratively prohibited/)
})

test('a remote forward that policy allows brings connections to the client', { skip }, async () => {
  const client = spawn(
    'ssh',
    ['-F', gateway.clientConfig, '-o', 'LogLevel=INFO', '-N', '-R', `127.0.0.1:0:127.0.0.1:${echoPort}`, 'web'],
    { env: gateway.env, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const ended = once(client, 'close')
  try {
    let said = ''
    while (!/Allocated port \d+/.test(said)) {
      const [bytes]: Buffer[] = await once(client.stderr, 'data')
      said += String(bytes)
    }
    const socket = connect(Number(/Allocated port (\d+)/.exec(said)?.[1]), '127.0.0.1')
    socket.end('from there')
    let came = ''
    for await (const bytes of socket) came += String(bytes)
    assert.equal(came, 'from there')
  } finally {
    client.kill()
    await ended
  }
})

test('a remote forward that policy does not allow and an agent are refused', { skip }, async () => {
  const remote = await gateway.ssh(['-o', 'ExitOnForwardFailure=yes', '-R', '0:127.0.0.1:1', 'web', 'true'])
  assert.notEqual(remote.code, 0)
  const agent = spawn('ssh-agent', ['-D', '-a', join(folder, 'agent')], { stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    await once(agent.stdout, 'data')
    const { out, err, code } = await gateway.run(
      'ssh',
      ['-F', gateway.clientConfig, '-A', 'web', 'echo agent $SSH_AUTH_SOCK'],
      '',
      { env: { ...gateway.env, SSH_AUTH_SOCK: join(folder, 'agent') } },
    )
    assert.equal(out.toString(), 'agent\n', err + code + gateway.log())
  } finally {
    agent.kill()
  }
})

test('an agent that policy allows lists its keys on the host, and allowed variables are there', { skip }, async () => {
  const path = join(folder, 'agent-2')
  const agent = spawn('ssh-agent', ['-D', '-a', path], { stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    await once(agent.stdout, 'data')
    const env = { ...gateway.env, SSH_AUTH_SOCK: path, SALLYPORT_TEST: 'seen', SALLYPORT_OTHER: 'unseen' }
    writeFileSync(join(folder, 'agent.key'), sshd.key, { mode: 0o600 })
    assert.equal((await gateway.run('ssh-add', [join(folder, 'agent.key')], '', { env })).code, 0)
    const here = await gateway.run('ssh-add', ['-l'], '', { env })
    const options = ['-F', gateway.clientConfig, '-A', '-o', 'SendEnv=SALLYPORT_*', 'trusted']
    const there = await gateway.run('ssh', [...options, 'ssh-add -l; echo $SALLYPORT_TEST $SALLYPORT_OTHER'], '', {
      env,
    })
    assert.equal(there.out.toString(), `${here.out}seen\n`, there.err)
  } finally {
    agent.kill()
  }
})

test('the gateway is a jump host: by ProxyJump and by ProxyCommand', { skip }, async () => {
  writeFileSync(join(folder, 'inner.key'), inner.key, { mode: 0o600 })
  writeFileSync(join(folder, 'inner-known'), `${inner.known}\n`)
  const config = join(folder, 'jump_config')
  const jump = (name: string, how: string): string => `Host ${name}
  HostName 127.0.0.1
  Port ${inner.port}
  User ${inner.user}
  IdentityFile ${join(folder, 'inner.key')}
  PreferredAuthentications publickey
  StrictHostKeyChecking yes
  UserKnownHostsFile ${join(folder, 'inner-known')}
  LogLevel ERROR
  ${how}
`
  writeFileSync(
    config,
    `${jump('jumped', 'ProxyJump web')}${jump('commanded', `ProxyCommand ssh -F ${gateway.clientConfig} -W %h:%p web`)}Match all\n  Include ${gateway.clientConfig}\n`,
  )
  for (const name of ['jumped', 'commanded']) {
    const { out, err, code } = await gateway.run('ssh', ['-F', config, name, 'echo inside; exit 3'])
    assert.deepEqual([out.toString(), code], ['inside\n', 3], err)
  }
})
