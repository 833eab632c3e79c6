// The machine's own OpenSSH `sshd` as an ordinary process on loopback, with a configuration of its own: the real host of
// system tests and benches. Needs `sshd` (Debian: openssh-server).
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { generateSshKey } from '../../proxy/identity/index.ts'
import { freePort } from './free-port.ts'

/** A running `sshd`. */
export interface Sshd {
  readonly port: number
  /** The user of this process, whom it lets in with `key`. */
  readonly user: string
  readonly key: string
  /** Its line of known_hosts. */
  readonly known: string
  close(): Promise<void>
}

const program = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find((path) => existsSync(path))
const sftpServer = ['/usr/lib/openssh/sftp-server', '/usr/libexec/sftp-server', '/usr/lib/ssh/sftp-server'].find(
  (path) => existsSync(path),
)

/** Why no `sshd` can be started here; false when it can. */
export const sshdMissing: string | false = program === undefined ? 'sshd is not installed' : false

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'data')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Starts one with extra lines of configuration. */
export async function startSshd(lines: readonly string[] = []): Promise<Sshd> {
  if (program === undefined) throw new Error('sshd is not installed')
  const folder = mkdtempSync(join(tmpdir(), 'sshd-'))
  // Where it runs as root it insists on an empty folder for its unprivileged half.
  if (process.getuid?.() === 0 && !existsSync('/run/sshd')) mkdirSync('/run/sshd', { mode: 0o755 })
  const host = generateSshKey()
  const user = generateSshKey()
  writeFileSync(join(folder, 'host'), host.private, { mode: 0o600 })
  writeFileSync(join(folder, 'authorized'), `${user.public}\n`, { mode: 0o600 })
  // A home without start-up files: what a login shell reads first is not what is tested or measured.
  const home = join(folder, 'home')
  mkdirSync(home)
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = await freePort()
    writeFileSync(
      join(folder, 'config'),
      [
        `Port ${port}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${join(folder, 'host')}`,
        `AuthorizedKeysFile ${join(folder, 'authorized')}`,
        'PidFile none',
        'StrictModes no',
        'UsePAM no',
        'PasswordAuthentication no',
        'KbdInteractiveAuthentication no',
        'PermitRootLogin yes',
        'MaxSessions 200',
        'MaxStartups 1000',
        'AcceptEnv LANG LC_*',
        'PrintMotd no',
        `SetEnv HOME=${home}`,
        ...(sftpServer === undefined ? [] : [`Subsystem sftp ${sftpServer}`]),
        ...lines,
        '',
      ].join('\n'),
    )
    const child: ChildProcess = spawn(program, ['-D', '-e', '-f', join(folder, 'config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let log = ''
    const up = new Promise<boolean>((resolve) => {
      child.stderr?.on('data', (bytes: Buffer) => {
        log += bytes.toString()
        if (log.includes('Server listening')) resolve(true)
        if (log.length > 65_536) log = log.slice(-32_768)
      })
      child.once('exit', () => resolve(false))
    })
    if (!(await up) || !(await answers(port))) {
      child.kill('SIGKILL')
      if (attempt === 4) throw new Error(log)
      continue
    }
    const [kind = '', encoded = ''] = host.public.split(' ')
    return {
      port,
      user: userInfo().username,
      key: user.private,
      known: `[127.0.0.1]:${port} ${kind} ${encoded}`,
      close: async () => {
        if (child.exitCode === null && child.signalCode === null) {
          child.kill('SIGTERM')
          await once(child, 'exit')
        }
        rmSync(folder, { recursive: true, force: true })
      },
    }
  }
  throw new Error('sshd does not start')
}

/** Whether a program is there to be run; a printed reason when it is not. */
export function programMissing(name: string, args: readonly string[] = ['--version']): string | false {
  const { error } = spawnSync(name, args, { stdio: 'ignore' })
  return error === undefined ? false : `${name} is not installed`
}
