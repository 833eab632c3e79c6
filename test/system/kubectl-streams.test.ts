// kubectl exec, attach, cp, debug and port-forward against a real API server, through `sallyport serve` and direct, over
// both transports and with every kubectl of this machine: the same output, and shells in each of the ways to have one.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { clusterMissing, program } from '../support/kube-cluster.ts'
import { Kubectl, kubectls, type Run, type Side, settled } from '../support/kubectl.ts'

const skip = clusterMissing() ?? false
const noPython = spawnSync('python3', ['--version']).status === 0 ? false : 'python3 does not run here'

let sides: Kubectl
before(async () => {
  if (skip === false) sides = await Kubectl.start()
})
after(async () => {
  if (skip === false) await sides.stop()
})

for (const name of kubectls) {
  for (const webSockets of ['true', 'false']) {
    const env = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: webSockets, KUBECTL_PORT_FORWARD_WEBSOCKETS: webSockets }
    const run = { kubectl: name, env }
    const title = `${name}, ${webSockets === 'true' ? 'WebSockets where it can' : 'SPDY'}`
    test(`${title}: exec, attach and cp`, { skip }, async () => {
      await sides.same(['exec', 'web', '-n', 'SPACE', '--', 'echo', 'a b', 'c'], run)
      await sides.same(['exec', 'web', '-n', 'SPACE', '--', 'ls', '/nothing'], run)
      await sides.same(['exec', '-i', 'web', '-n', 'SPACE', '--', 'cat'], {
        ...run,
        input: `${'hello\n'.repeat(20_000)}`,
      })
      await sides.same(['exec', '-i', 'web', '-n', 'SPACE', '--', 'sh', '-c', 'cat >&2; exit 3'], {
        ...run,
        input: 'to stderr',
      })
      const attached = await sides.same(['attach', '-i', 'web', '-n', 'SPACE'], { ...run, input: 'exit\n' })
      assert.match(attached.out, /attached/)
      const from = join(sides.home, `from-${name}-${webSockets}`)
      writeFileSync(from, 'copied '.repeat(50_000))
      await sides.same(['cp', '-n', 'SPACE', from, `web:${join(sides.home, 'SPACE-to')}`], run)
      await sides.same(['cp', '-n', 'SPACE', `web:${from}`, join(sides.home, 'SPACE-back')], run)
    })

    test(`${title}: exec with a terminal, its sizes and its end`, {
      skip: skip !== false ? skip : noPython,
    }, async () => {
      const [direct, through] = [await terminal('direct', 'one', run), await terminal('through', 'two', run)]
      assert.equal(through, direct)
      assert.match(direct, /size 100x30[\s\S]*olleh[\s\S]*size 80x24[\s\S]*bye[\s\S]*exit 3/)
    })

    test(`${title}: what is typed into a shell is judged by line where the cluster says so`, {
      skip: skip !== false ? skip : noPython,
    }, async () => {
      const seen = await terminal('lined', 'two', run)
      assert.match(seen, /size 100x30[\s\S]*olleh[\s\S]*size 80x24[\s\S]*rm is refused[\s\S]*bye[\s\S]*exit 3/)
      assert.doesNotMatch(seen, /x- mr/)
    })

    test(`${title}: every line is a command of its own where the cluster says so`, {
      skip: skip !== false ? skip : noPython,
    }, async () => {
      const seen = await terminal('wrapped', 'two', run)
      assert.match(
        seen,
        /web> [\s\S]*size 100x30[\s\S]*rm is refused[\s\S]*web> [\s\S]*deppots[\s\S]*size 80x24[\s\S]*exit 3/,
      )
      const piped = await sides.run('wrapped', ['exec', '-i', 'web', '-n', 'two', '--', 'sh'], {
        ...run,
        input: 'echo one\nrm -x\ncd /; pwd\nexit 4\n',
      })
      assert.deepEqual([piped.code, piped.out], [4, 'one\n/\n'])
      assert.match(piped.err, /rm is refused .*rule test\.no_rm/)
    })

    test(`${title}: port-forward, by port`, { skip }, async () => {
      for (const side of ['direct', 'through'] as const) {
        assert.equal(await forwarded(side, 8080, run), 'port 8080\n')
      }
      assert.equal(await forwarded('through', 22, run), '')
    })

    test(`${title}: a refused command is told in kubectl's own words`, { skip }, async () => {
      const { code, err } = await sides.run('through', ['exec', 'web', '-n', 'two', '--', 'rm', '-rf', '/nothing'], run)
      assert.notEqual(code, 0)
      assert.match(err, /rm is refused .*rule test\.no_rm, decision /)
    })
  }
}

/** A person at a terminal: says hello, makes the window smaller, and leaves. Prints all that was seen, and the exit code. */
const person = `
import fcntl, os, pty, signal, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 30, 100, 0, 0))
    os.execv(sys.argv[1], sys.argv[1:])
seen = b''
def late(*_): sys.exit('no more came after %r' % seen)
signal.signal(signal.SIGALRM, late)
signal.alarm(45)
def until(mark):
    global seen
    while mark not in seen:
        try: more = os.read(fd, 65536)
        except OSError: more = b''
        if not more: sys.exit('ended before %r: %r' % (mark, seen))
        seen += more
until(b'size 100x30')
until(b'$ ')
os.write(fd, b'hello\\r')
until(b'olleh')
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
until(b'size 80x24')
os.write(fd, b'exit 3\\r')
until(b'bye')
while True:
    try: more = os.read(fd, 65536)
    except OSError: break
    if not more: break
    seen += more
print(seen.decode() + '\\nexit %d' % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

/** The same person where lines are judged, who also tries what is refused. */
const linedPerson = person.replace(
  "os.write(fd, b'exit 3\\r')",
  "os.write(fd, b'rm -x\\r')\nuntil(b'rm is refused')\nos.write(fd, b'exit 3\\r')",
)

/** And where each line is a command of its own. */
const wrappedPerson = `${person.slice(0, person.indexOf("until(b'size 100x30')"))}
# What is typed while a command runs is the command's, so each line waits for its prompt.
def line(text, count):
    global seen
    while seen.count(b'web> ') < count:
        more = os.read(fd, 65536)
        if not more: sys.exit('ended after %r' % seen)
        seen += more
    os.write(fd, text + b'\\r')
line(b'echo size $SIZE', 1)
line(b'rm -x', 2)
line(b'echo rea""dy; rev', 3)
until(b'ready')
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
os.write(fd, b'stopped\\r\\x04')
# kubectl learns of the window by a signal, and what is typed may overtake it.
prompts = 4
while b'size 80x24' not in seen:
    line(b'echo size $SIZE', prompts)
    prompts += 1
line(b'exit 3', prompts)
${person.slice(person.indexOf('while True:'))}`

async function terminal(side: Side, space: string, { kubectl: name, env = {} }: Run): Promise<string> {
  const args = ['exec', '-it', 'web', '-n', space, '--', 'sh']
  const script = side === 'lined' ? linedPerson : side === 'wrapped' ? wrappedPerson : person
  const child = spawn('python3', ['-c', script, program(name ?? 'kubectl') ?? '', ...args], {
    env: { ...sides.environment(side), TERM: 'xterm', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      out += chunk.toString()
    })
  await new Promise((resolve) => child.once('close', resolve))
  clearTimeout(timer)
  return settled(out)
}

/** The body that comes through a forwarded port. */
async function forwarded(side: 'direct' | 'through', port: number, run: Run): Promise<string> {
  let answer: Promise<string> | undefined
  await sides.run(side, ['port-forward', '-n', side === 'direct' ? 'one' : 'two', 'pod/web', `:${port}`], {
    ...run,
    enough: (out) => {
      const local = /127\.0\.0\.1:(\d+)/.exec(out)?.[1]
      if (local === undefined || answer !== undefined) return false
      answer = get(Number(local))
      void answer.then(() => sides.interrupt())
      return false
    },
  })
  return (await answer) ?? ''
}

function get(port: number): Promise<string> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, agent: false }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      response.on('close', () => resolve(body))
    })
    sent.on('error', () => resolve(''))
    sent.end()
  })
}

test('debug adds an ephemeral container', { skip }, async () => {
  await sides.same(['debug', 'web', '-n', 'SPACE', '--image=example.org/debug:1', '--container=probe', '--', 'ls'])
  await sides.same(['get', 'pod', 'web', '-n', 'SPACE', '-o', 'jsonpath={.spec.ephemeralContainers[*].name}'])
})
