// Live sessions and recordings on the admin listener: which run, ending one, holding a recording against retention.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AdminRoute } from '../../proxy/admin/index.ts'
import type { Gate } from '../../proxy/gate/index.ts'
import { hold, type LocalRecorder, RecordingError, readLog } from '../../proxy/recording/index.ts'
import type { Log } from '../../proxy/telemetry/index.ts'

/** What the routes are made of. */
export interface SessionRouteParts {
  readonly gate: Gate
  readonly recorder: LocalRecorder
  /** The folder that holds the log. */
  readonly folder: string
  readonly log: Log
}

const bodyBytesMax = 16 * 1024
const reasonLengthMax = 500

/** `GET /v1/sessions`, and `POST /v1/sessions/ID/end`, `hold` or `free` with `{"reason"}`. */
export function sessionRoutes(parts: SessionRouteParts): AdminRoute {
  return (request, response, path) => {
    if (path === '/v1/sessions' && request.method === 'GET') {
      send(response, 200, parts.gate.sessions().map(summary))
      return true
    }
    const [, session, verb] = /^\/v1\/sessions\/([A-Za-z0-9_-]{1,100})\/(end|hold|free)$/.exec(path) ?? []
    if (session === undefined || request.method !== 'POST') return false
    reasonOf(request)
      .then((reason) => {
        if (reason === undefined) send(response, 400, { title: 'a reason is missing' })
        else if (verb === 'end') end(parts, response, session, reason)
        else keep(parts, response, session, verb === 'hold' ? 'held' : 'freed', reason)
      })
      .catch((error: unknown) => {
        const title = error instanceof RecordingError ? error.message : 'internal error'
        send(response, error instanceof RecordingError && error.code === 'unreadable' ? 404 : 500, { title })
      })
    return true
  }
}

function summary({ id, identity, resource, client, startedAtMs, usage }: ReturnType<Gate['sessions']>[number]): object {
  return {
    id,
    subject: identity.subject,
    chain: identity.chain.map(({ subject }) => subject),
    resource: resource.name,
    client: client.address,
    started_at: new Date(startedAtMs).toISOString(),
    usage,
  }
}

function end({ gate, log }: SessionRouteParts, response: ServerResponse, session: string, reason: string): void {
  const ended = gate.end(({ id }) => id === session, 'cancelled', `it was ended: ${reason}`)
  if (ended === 0) {
    send(response, 404, { title: 'no such session is open' })
    return
  }
  log.warn({ session, reason }, 'session ended by an operator')
  send(response, 200, { ended })
}

function keep(
  { recorder, folder, log }: SessionRouteParts,
  response: ServerResponse,
  session: string,
  event: 'held' | 'freed',
  reason: string,
): void {
  hold(readLog(folder), (leaf) => recorder.tell(leaf), { session, event, reason })
  log.warn({ session, reason }, `recording ${event}`)
  send(response, 200, { session, event })
}

/** The reason that the body gives, of printable text. */
async function reasonOf(request: IncomingMessage): Promise<string | undefined> {
  let body = ''
  for await (const chunk of request) {
    body += String(chunk)
    if (body.length > bodyBytesMax) return undefined
  }
  try {
    const reason: unknown = Reflect.get(Object(JSON.parse(body)), 'reason')
    const isText = typeof reason === 'string' && reason.trim() !== '' && reason.length <= reasonLengthMax
    return isText && !/\p{Cc}/u.test(reason) ? reason : undefined
  } catch {
    return undefined
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const type = status === 200 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': type }).end(`${JSON.stringify(value)}\n`)
}
