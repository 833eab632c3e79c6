// SSH through `sallyport serve`, with everything recorded, against the same `sshd` direct: commands on an open connection,
// the echo of a key, a connection with a command, bulk both ways, and what idle sessions hold. Needs `ssh` and `sshd`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2, { type ClientChannel } from 'ssh2'
import { startSshGateway } from '../support/ssh-gateway.ts'
import { programMissing, sshdMissing, startSshd } from '../support/sshd.ts'

/** The bench's name. */
export const name = 'ssh'

/** What a reader of the page has to know. */
export const how =
  'The gateway has run 3,000 commands before commands are measured, since it compiles what it runs most while it runs; what its first ones are like is told for itself.'

/** Why rows fall short, by a part of their names. */
export const reasons: Readonly<Record<string, string>> = {
  'connection and a command': 'two handshakes instead of one.',
  'command on an open connection': 'one channel more is opened and closed, and the command is recorded.',
  bulk: 'two encryptions, and a record of all of it.',
}

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly ratio?: number
  readonly goal?: string
}
type Way = 'direct' | 'gateway'

const commands = Number(process.env['SALLYPORT_SSH_COMMANDS'] ?? 200)
const warmups = 3000
const keys = 300
const connections = 20
const sessions = Number(process.env['SALLYPORT_SSH_SESSIONS'] ?? 500)
const mebibytes = Number(process.env['SALLYPORT_SSH_MIB'] ?? 192)
const rounds = 4
const bulkWarmups = 2

function p50(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await run()
  return performance.now() - start
}

function connect(config: ssh2.ConnectConfig): Promise<ssh2.Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.once('ready', () => {
      client.setNoDelay(true)
      resolve(client)
    })
    client.once('error', reject)
    client.connect({ host: '127.0.0.1', readyTimeout: 120_000, ...config })
  })
}

function channel(client: ssh2.Client, command: string, options: ssh2.ExecOptions = {}): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, options, (error, opened) => (error ? reject(error) : resolve(opened)))
  })
}

async function exec(client: ssh2.Client, command: string): Promise<void> {
  const opened = await channel(client, command)
  opened.resume()
  await once(opened, 'close')
}

/** Runs `one` by turns over both ways, so that both meet the same machine. */
async function byTurns(count: number, one: (way: Way) => Promise<number>): Promise<Record<Way, number>> {
  const times: Record<Way, number[]> = { direct: [], gateway: [] }
  for (let index = 0; index < count + 5; index++)
    for (const way of ['direct', 'gateway'] as const) {
      const time = await one(way)
      if (index >= 5) times[way].push(time)
    }
  return { direct: p50(times.direct), gateway: p50(times.gateway) }
}

function residentBytes(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) * 1024
}

/** Runs the bench. */
export async function run(): Promise<{ rows: Row[]; skipped?: string }> {
  const missing = sshdMissing || programMissing('ssh', ['-V'])
  if (missing !== false) return { rows: [], skipped: missing }
  const folder = mkdtempSync(join(tmpdir(), 'ssh-bench-'))
  const sshd = await startSshd()
  const gateway = await startSshGateway([{ name: 'web', ...sshd }], 'package policy.hosts\n\nallow if true\n')
  const configs: Record<Way, ssh2.ConnectConfig> = {
    direct: { port: sshd.port, username: sshd.user, privateKey: sshd.key },
    gateway: { port: gateway.port, username: 'web', password: gateway.token },
  }
  try {
    const clients = { direct: await connect(configs.direct), gateway: await connect(configs.gateway) }
    const first = await byTurns(commands, (way) => timed(() => exec(clients[way], 'true')))
    // A gateway has run for days, and what it runs most was compiled while it ran that often.
    for (let index = 0; index < warmups; index++) await exec(clients.gateway, 'true')
    const execs = await byTurns(commands, (way) => timed(() => exec(clients[way], 'true')))
    const terminals = {
      direct: await channel(clients.direct, 'stty raw echo; cat > /dev/null', { pty: true }),
      gateway: await channel(clients.gateway, 'stty raw echo; cat > /dev/null', { pty: true }),
    }
    const echoes = await byTurns(keys, (way) =>
      timed(async () => {
        terminals[way].write('k')
        await once(terminals[way], 'data')
      }),
    )
    for (const way of ['direct', 'gateway'] as const) {
      terminals[way].close()
      clients[way].end()
    }
    const connects = await byTurns(connections, (way) =>
      timed(async () => {
        const client = await connect(configs[way])
        await exec(client, 'true')
        client.end()
      }),
    )
    const rows: Row[] = [
      {
        name: 'command on an open connection, p50',
        value: execs.gateway,
        unit: 'ms',
        ratio: execs.gateway / execs.direct,
        goal: '<= 1.3',
      },
      {
        name: `command on an open connection, the first ${commands}, p50`,
        value: first.gateway,
        unit: 'ms',
        ratio: first.gateway / first.direct,
      },
      { name: 'echo of a key, added, p50', value: echoes.gateway - echoes.direct, unit: 'ms', goal: '<= 0.3' },
      {
        name: 'connection and a command, p50',
        value: connects.gateway,
        unit: 'ms',
        ratio: connects.gateway / connects.direct,
        goal: '<= 1',
      },
      ...(await bulk()),
      await idle(),
    ]
    return { rows }
  } finally {
    await gateway.close()
    await sshd.close()
    rmSync(folder, { recursive: true, force: true })
  }

  /** OpenSSH's own client is the fast end: what it takes or sends is bytes in memory. */
  async function bulk(): Promise<Row[]> {
    writeFileSync(join(folder, 'key'), sshd.key, { mode: 0o600 })
    const options: Record<Way, string[]> = {
      direct: [
        ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
        ...['-i', join(folder, 'key'), '-p', String(sshd.port), `${sshd.user}@127.0.0.1`],
      ],
      gateway: ['-F', gateway.clientConfig, 'web'],
    }
    const shell = async (line: string): Promise<number> =>
      timed(async () => {
        const child = spawn('sh', ['-c', line], { env: gateway.env, stdio: 'ignore' })
        const [code] = await once(child, 'close')
        if (code !== 0) throw new Error(`bulk ended with ${code}`)
      })
    // A virtual machine may give free memory back to its host, and then the first write to a page costs ten times as much:
    // what is measured is programs that have run for a while, so before each run, direct ones too, a file like the
    // recording is written and removed.
    const haveMemory = (): void => {
      const path = join(folder, 'memory')
      const file = openSync(path, 'w')
      const piece = Buffer.alloc(1024 * 1024, 1)
      for (let index = 0; index < mebibytes; index++) writeSync(file, piece)
      closeSync(file)
      rmSync(path)
    }
    const best = async (make: (ssh: string) => string): Promise<Record<Way, number>> => {
      const times: Record<Way, number[]> = { direct: [], gateway: [] }
      // As with commands: what a gateway runs for bulk is compiled while it runs.
      for (let round = -bulkWarmups; round < rounds; round++)
        for (const way of ['direct', 'gateway'] as const) {
          haveMemory()
          const time = await shell(make(`ssh ${options[way].map((word) => `'${word}'`).join(' ')}`))
          if (round >= 0) times[way].push(time)
        }
      return { direct: Math.min(...times.direct), gateway: Math.min(...times.gateway) }
    }
    const size = `${mebibytes}M`
    const up = await best((ssh) => `head -c ${size} /dev/zero | ${ssh} 'cat > /dev/null'`)
    const down = await best((ssh) => `${ssh} 'head -c ${size} /dev/zero' > /dev/null`)
    const rate = (ms: number): number => mebibytes / (ms / 1000)
    return [
      {
        name: 'bulk up, recorded',
        value: rate(up.gateway),
        unit: 'MiB/s',
        ratio: up.direct / up.gateway,
        goal: '>= 0.65',
      },
      {
        name: 'bulk down, recorded',
        value: rate(down.gateway),
        unit: 'MiB/s',
        ratio: down.direct / down.gateway,
        goal: '>= 0.65',
      },
    ]
  }

  async function idle(): Promise<Row> {
    const warm = await Promise.all(Array.from({ length: 20 }, () => connect(configs.gateway)))
    for (const client of warm) client.end()
    const before = residentBytes(gateway.pid)
    const held: ssh2.Client[] = []
    while (held.length < sessions)
      held.push(...(await Promise.all(Array.from({ length: 10 }, () => connect(configs.gateway)))))
    const each = (residentBytes(gateway.pid) - before) / held.length / 1024
    for (const client of held) client.end()
    return { name: `an idle session, of ${sessions}`, value: each, unit: 'KiB', goal: '< 150' }
  }
}
