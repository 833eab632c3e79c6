// Where a request really happens: every path is made real by the host itself (`realpath`) before it is judged, and the
// request goes to the host with the real path, so that a link that is swapped meanwhile leads nowhere else.
import type { PathRequest } from './messages.ts'

/** Bytes of a path (PATH_MAX of most hosts). */
const pathBytesMax = 4096

/** A request at its real places. */
export interface Places {
  /** Where it happens, without links, `.` and `..`. */
  readonly path: string
  /** The path as the client wrote it. */
  readonly asked: string
  /** The other path: where to, or where a new link leads. */
  readonly target?: string
  /** Why that is not certain. */
  readonly doubt?: string
}

/** What the host says of a path: its real one, or the status with which it says that there is none. */
export type Real = { readonly real: Buffer } | { readonly failure: Buffer }

/** How a request goes on: to the host as `request`, or answered by the host's own `failure`. */
export type Resolved =
  | { readonly ok: true; readonly places: Places; readonly request: PathRequest; readonly failure?: Buffer }
  | { readonly ok: false; readonly why: string }

/** Makes the paths of a request real. */
export async function resolve(request: PathRequest, realpath: (path: Buffer) => Promise<Real>): Promise<Resolved> {
  for (const path of 'target' in request ? [request.path, request.target] : [request.path]) {
    const why = pathDoubt(path)
    if (why !== undefined) return { ok: false, why }
  }
  const asked = request.path.toString()
  const lexical = async (path: Buffer): Promise<string> => {
    const home = await realpath(Buffer.from('.'))
    return normal('real' in home && path[0] !== slash ? `${home.real}/${path}` : path.toString())
  }
  const first = await (follows(request) ? realpath(request.path) : realParent(request.path, realpath))
  if ('failure' in first)
    return { ok: true, places: { path: await lexical(request.path), asked }, request, failure: first.failure }
  const why = pathDoubt(first.real)
  if (why !== undefined || first.real[0] !== slash) return { ok: false, why: why ?? 'the host says no real path' }
  const path = first.real.toString()
  if (!('target' in request)) return { ok: true, places: { path, asked }, request: { ...request, path: first.real } }
  if (request.kind === 'symlink') {
    const leads = request.target[0] === slash ? request.target : Buffer.from(`${parentOf(path)}/${request.target}`)
    const second = await realpath(leads)
    const known = 'real' in second && pathDoubt(second.real) === undefined ? second.real.toString() : undefined
    return {
      ok: true,
      places: {
        path,
        asked,
        target: known ?? normal(leads.toString()),
        ...(known === undefined ? { doubt: 'where the link leads is not known' } : {}),
      },
      // What the link says is the client's; whoever follows it is judged by where it leads then.
      request: { ...request, path: first.real },
    }
  }
  const second = await realParent(request.target, realpath)
  if ('failure' in second)
    return {
      ok: true,
      places: { path, asked, target: await lexical(request.target) },
      request,
      failure: second.failure,
    }
  const doubt = pathDoubt(second.real)
  if (doubt !== undefined || second.real[0] !== slash) return { ok: false, why: doubt ?? 'the host says no real path' }
  return {
    ok: true,
    places: { path, asked, target: second.real.toString() },
    request: { ...request, path: first.real, target: second.real },
  }
}

const slash = 0x2f

/** Requests that go through a link at the end of their path; the others are about the link itself. */
function follows({ kind }: PathRequest): boolean {
  return (
    kind === 'open' ||
    kind === 'opendir' ||
    kind === 'stat' ||
    kind === 'setstat' ||
    kind === 'realpath' ||
    kind === 'statvfs'
  )
}

/** The real folder of a path, and its last name as it stands. */
async function realParent(path: Buffer, realpath: (path: Buffer) => Promise<Real>): Promise<Real> {
  let trimmed = path.toString()
  while (trimmed.endsWith('/')) trimmed = trimmed.slice(0, -1)
  const at = trimmed.lastIndexOf('/')
  const name = trimmed.slice(at + 1)
  if (name === '' || name === '.' || name === '..') return realpath(path)
  const parent = await realpath(Buffer.from(at < 0 ? '.' : at === 0 ? '/' : trimmed.slice(0, at)))
  if ('failure' in parent) return parent
  const folder = parent.real.toString()
  return { real: Buffer.from(folder === '/' ? `/${name}` : `${folder}/${name}`) }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Why a path cannot be judged: policy must see the very bytes that the host gets. */
function pathDoubt(path: Buffer): string | undefined {
  if (path.length > pathBytesMax) return 'a path is too long'
  if (path.includes(0)) return 'a path has a NUL in it'
  try {
    decoder.decode(path)
  } catch {
    return 'a path is not UTF-8'
  }
  return undefined
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

/** A path without `.`, `..` and doubled slashes, by its words alone. */
function normal(path: string): string {
  const kept: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') kept.pop()
    else if (name !== '' && name !== '.') kept.push(name)
  }
  return `/${kept.join('/')}`
}
