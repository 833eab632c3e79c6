// `sallyport demo`: a whole gateway on this machine, with real servers behind it and what to try.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { http, sql, ssh } from './clients.ts'
import { type Demo, startDemo } from './gateway.ts'
import { guide } from './guide.ts'

const usage = `usage: sallyport demo [sql STATEMENT | ssh COMMAND | http METHOD PATH]

  demo        starts everything on loopback and prints what to try; Ctrl-C ends it
  demo sql    sends one statement to the running demo, over the real wire
  demo ssh    runs one command on its host
  demo http   sends one request to its API
`

/** Runs `sallyport demo`. State is kept in `.sallyport/demo`, or where SALLYPORT_DEMO says. */
export async function run(args: readonly string[]): Promise<number> {
  const folder = resolve(process.env['SALLYPORT_DEMO'] ?? join('.sallyport', 'demo'))
  const [what, first, second, ...more] = args
  if (what === undefined) return serve(folder)
  if (what === '--help' || what === '-h') {
    process.stdout.write(usage)
    return 0
  }
  if (more.length === 0 && first !== undefined) {
    if (what === 'sql' && second === undefined) return sql(folder, first)
    if (what === 'ssh' && second === undefined) return ssh(folder, first)
    if (what === 'http' && second !== undefined) return http(folder, first.toUpperCase(), second)
  }
  process.stderr.write(usage)
  return 1
}

/** What is only true of a running demo. */
const ofRunning = ['ports.json', 'token', 'askpass', 'ssh_config', 'known_hosts']

async function serve(folder: string): Promise<number> {
  const started = Date.now()
  mkdirSync(folder, { recursive: true })
  const demo = await startDemo(folder, (line) => process.stdout.write(`  ${line}\n`))
  await writePlaces(folder, demo)
  process.stdout.write(guide({ folder, ports: demo.ports, tookMs: Date.now() - started }))
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done())
  })
  process.stdout.write('\nending\n')
  await demo.close()
  for (const name of ofRunning) rmSync(join(folder, name), { force: true })
  return 0
}

/** What clients need: a token, where everything listens, and how ssh finds it. */
async function writePlaces(folder: string, demo: Demo): Promise<void> {
  const token = await demo.issuer.token({
    subject: 'agent-1',
    kind: 'agent',
    groups: ['analysts'],
    scopes: [],
    lifetimeSeconds: 3600,
  })
  writeFileSync(join(folder, 'token'), token, { mode: 0o600 })
  writeFileSync(join(folder, 'ports.json'), `${JSON.stringify(Object.fromEntries(demo.ports))}\n`)
  const port = demo.ports.get('ssh') ?? 0
  const key = readFileSync(join(folder, 'keys', 'ssh-host.pub'), 'utf8')
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${key}`)
  writeFileSync(join(folder, 'askpass'), `#!/bin/sh\nexec cat '${join(folder, 'token').replaceAll("'", "'\\''")}'\n`, {
    mode: 0o700,
  })
  const lines = [
    'Host files',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    '  User files',
    `  UserKnownHostsFile "${join(folder, 'known_hosts')}"`,
    '  StrictHostKeyChecking yes',
    '  PreferredAuthentications password',
    '  PubkeyAuthentication no',
    '  NumberOfPasswordPrompts 1',
    '',
  ]
  writeFileSync(join(folder, 'ssh_config'), lines.join('\n'))
}
