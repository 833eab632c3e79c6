// What the doctor asks of the machine: Node, the user, the clock, folders and ports.
import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import type { Config } from '../../proxy/config/index.ts'
import { type Finding, fail, finding, ok, warn } from './finding.ts'

const freeBytesLeast = 1024 ** 3
const nodeMajorLeast = 20

/** Node, the user, and what lies on the disk. */
export async function machineFindings(config: Config): Promise<readonly Finding[]> {
  const found: Finding[] = []
  const [major = '0'] = process.versions.node.split('.')
  found.push(
    Number(major) >= nodeMajorLeast
      ? ok('node', process.versions.node)
      : fail('node', `${process.versions.node} is too old`, `install Node ${nodeMajorLeast} or newer`),
  )
  found.push(
    process.getuid?.() === 0
      ? warn('user', 'runs as root', 'run the gateway as a user of its own: it needs no privileges')
      : ok('user', `uid ${process.getuid?.() ?? 'unknown'}`),
  )
  if (config.recording.store.kind === 'folder')
    found.push(...(await folderFindings('recordings', config.recording.store.path)))
  if (config.storage.kind === 'embedded') found.push(...(await folderFindings('storage', dirname(config.storage.path))))
  return found
}

function folderFindings(about: string, path: string): Promise<readonly Finding[]> {
  return finding(about, `make ${path} writable for the user that runs the gateway`, () => {
    let place = path
    while (!existsSync(place) && dirname(place) !== place) place = dirname(place)
    accessSync(place, constants.W_OK)
    const { bavail, bsize } = statfsSync(place)
    const free = bavail * bsize
    const gigabytes = `${(free / 1024 ** 3).toFixed(1)} GiB free in ${path}`
    return Promise.resolve(
      free >= freeBytesLeast
        ? ok(about, gigabytes)
        : warn(about, gigabytes, 'make room: what cannot be recorded is refused'),
    )
  })
}

/** The addresses of the listeners: free, or taken by somebody. */
export async function listenerFindings(config: Config): Promise<readonly Finding[]> {
  const found: Finding[] = []
  for (const { name, protocol, address } of config.listeners) {
    const { host, port } = address
    const about = `listener ${name}`
    const code = await listenOnce(host, port)
    if (code === undefined) found.push(ok(about, `${protocol} can listen on ${host}:${port}`))
    else if (code === 'EADDRINUSE')
      found.push(warn(about, `${host}:${port} is taken`, 'fine when that is this gateway; else choose another port'))
    else if (code === 'EACCES')
      found.push(
        fail(about, `${host}:${port} may not be listened on`, 'choose a port above 1023, or allow it to the service'),
      )
    else found.push(fail(about, `${host}:${port}: ${code}`, 'choose an address of this machine'))
  }
  return found
}

function listenOnce(host: string, port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'failed'))
    server.listen(port, host, () => server.close(() => done(undefined)))
  })
}
