// The demo's ports: those of its last start where they are still free, so that lines pasted yesterday work today; else any
// free ones.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'

/** What the demo listens on, by the names of its listeners. */
export const demoListeners = ['postgres', 'ssh', 'http', 'admin', 'identity', 'kubernetes'] as const

/** A port for each listener. */
export type DemoPorts = { readonly [Name in (typeof demoListeners)[number]]: number }

/** The ports of the last start; undefined where there was none. */
export function lastPorts(file: string): DemoPorts | undefined {
  try {
    const said: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
    if (typeof said !== 'object' || said === null) return undefined
    const port = (name: string): number => Number(Reflect.get(said, name))
    const ports = portsOf(port)
    return Object.values(ports).every((one) => Number.isInteger(one) && one > 0 && one < 65536) ? ports : undefined
  } catch {
    return undefined
  }
}

/** Chooses a port for each listener and keeps the choice in the file. */
export async function choosePorts(file: string): Promise<DemoPorts> {
  const last = lastPorts(file)
  const chosen = new Map<string, number>()
  const held: Server[] = []
  // All are held until the last is chosen, so that none is chosen twice.
  for (const name of demoListeners) {
    const server = (await listening(last?.[name] ?? 0)) ?? (await listening(0))
    const address = server?.address()
    if (server === undefined || typeof address !== 'object' || address === null) throw new Error('no port is free')
    held.push(server)
    chosen.set(name, address.port)
  }
  await Promise.all(held.map((server) => new Promise((done) => server.close(done))))
  const ports = portsOf((name) => chosen.get(name) ?? 0)
  writeFileSync(file, `${JSON.stringify(ports)}\n`)
  return ports
}

function portsOf(port: (name: string) => number): DemoPorts {
  return {
    postgres: port('postgres'),
    ssh: port('ssh'),
    http: port('http'),
    admin: port('admin'),
    identity: port('identity'),
    kubernetes: port('kubernetes'),
  }
}

/** Listens on a port of loopback, for 0 on one that the system chooses; undefined when it is taken. */
function listening(port: number): Promise<Server | undefined> {
  return new Promise((done) => {
    const server = createServer()
    server.once('error', () => done(undefined))
    server.listen(port, '127.0.0.1', () => done(server))
  })
}
