// Reference servers from the operating system: nginx and Apache before an origin that reports what they understood.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { bodyDigest, type ReceivedRequest, sortedPairs } from './http-corpus.ts'

/** A server of the operating system that forwards to an origin of ours. */
export interface ReferenceServer {
  readonly port: number
  /** What it understood since it was asked last; what its origin read otherwise is in `differences`. */
  received(): readonly ReceivedRequest[]
  readonly differences: string[]
  close(): Promise<void>
}

/** The name of a server program. */
export type ReferenceName = 'nginx' | 'apache2'

/** Why a reference cannot run here, or nothing. */
export function referenceMissing(name: ReferenceName): string | undefined {
  return spawnSync(name, ['-v']).status === 0 ? undefined : `${name} is not installed (apt-get install ${name})`
}

/** Starts one. It tells its own reading of a path and query to the origin by two header fields. */
export async function startReference(name: ReferenceName): Promise<ReferenceServer> {
  const received: ReceivedRequest[] = []
  const differences: string[] = []
  const origin = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push(understood(request, Buffer.concat(chunks), differences))
      response.end('ok')
    })
  })
  const originPort = await listening(origin)
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-reference-'))
  const file = join(folder, 'server.conf')
  writeFileSync(file, name === 'nginx' ? nginxText(folder, port, originPort) : apacheText(folder, port, originPort))
  const child = spawn(name, name === 'nginx' ? ['-p', folder, '-c', file] : ['-X', '-f', file], { stdio: 'pipe' })
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString()
  })
  await accepting(port, child, () => said)
  return {
    port,
    received: () => received.splice(0),
    differences,
    close: async () => {
      child.kill('SIGTERM')
      await new Promise((resolve) => child.once('exit', resolve))
      origin.close()
      origin.closeAllConnections()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function understood(request: IncomingMessage, body: Buffer, differences: string[]): ReceivedRequest {
  const { method = '', url = '', headers } = request
  const told = (field: string): string => Buffer.from(String(headers[field] ?? ''), 'latin1').toString('utf8')
  const own = new URL(url, 'http://origin.example')
  const path = told('x-read-path')
  const decoded = own.pathname.split('/').map(decodeURIComponent).join('/')
  if (path !== decoded) differences.push(`${url}: read as ${path}, forwarded as ${decoded}`)
  const hasBody = 'content-length' in headers || 'transfer-encoding' in headers
  return {
    method,
    path,
    query: sortedPairs([...new URLSearchParams(told('x-read-query'))]),
    body: hasBody ? bodyDigest(body) : '',
  }
}

function nginxText(folder: string, port: number, origin: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((one) => `${one}_temp_path ${folder}/${one};`)
    .join(' ')
  return `daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 512; }
http { access_log off; ${temporary} keepalive_requests 100000;
  server { listen 127.0.0.1:${port}; large_client_header_buffers 4 64k; client_max_body_size 100m;
    location / { proxy_pass http://127.0.0.1:${origin}; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header x-read-path $uri; proxy_set_header x-read-query $args; } } }
`
}

function apacheText(folder: string, port: number, origin: number): string {
  const modules = ['mpm_event', 'authz_core', 'headers', 'proxy', 'proxy_http']
    .map((one) => `LoadModule ${one}_module /usr/lib/apache2/modules/mod_${one}.so`)
    .join('\n')
  return `${modules}
ServerRoot ${folder}
ServerName inner.example
Listen 127.0.0.1:${port}
PidFile ${folder}/pid
DefaultRuntimeDir ${folder}
ErrorLog ${folder}/error.log
MaxKeepAliveRequests 0
LimitRequestFieldSize 65536
ProxyPass / http://127.0.0.1:${origin}/
RequestHeader set x-read-path "expr=%{REQUEST_URI}"
RequestHeader set x-read-query "expr=%{QUERY_STRING}"
`
}

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

/** Waits until the program accepts connections; throws with what it said when it ends instead. */
export async function accepting(port: number, child: ChildProcess, said: () => string): Promise<void> {
  const untilMs = Date.now() + 10_000
  while (Date.now() < untilMs) {
    if (child.exitCode !== null) throw new Error(`the reference server ended: ${said()}`)
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
    if (isUp) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  child.kill('SIGKILL')
  throw new Error(`the reference server does not accept connections: ${said()}`)
}
