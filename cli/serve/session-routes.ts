// Live sessions and recordings on the admin listener: which run, ending one, holding a recording against retention.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AdminRoute } from '../../proxy/admin/index.ts'
import type { Gate } from '../../proxy/gate/index.ts'
import { hold, RecordingError } from '../../proxy/recording/index.ts'
import type { Log } from '../../proxy/telemetry/index.ts'
import { fieldOf } from './processes/message.ts'
import type { Peers } from './processes/peers.ts'
import { type OwnRecordings, recordingsWith } from './processes/recordings.ts'

/** What the routes are made of. */
export interface SessionRouteParts {
  readonly gate: Gate
  readonly recordings: Pick<OwnRecordings, 'all'>
  /** Sessions and recordings of other processes are asked for there. */
  readonly peers: Peers
  readonly log: Log
}

const bodyBytesMax = 16 * 1024
const reasonLengthMax = 500

/** `GET /v1/sessions`, and `POST /v1/sessions/ID/end`, `hold` or `free` with `{"reason"}`. */
export function sessionRoutes(parts: SessionRouteParts): AdminRoute {
  const { gate, peers } = parts
  peers.answer('sessions', () => gate.sessions().map(summary))
  peers.answer('end', (asked) => end(parts, textOf(asked, 'session'), textOf(asked, 'reason')))
  peers.answer('keep', (asked) =>
    keep(
      parts,
      textOf(asked, 'session'),
      textOf(asked, 'event') === 'held' ? 'held' : 'freed',
      textOf(asked, 'reason'),
    ),
  )
  return (request, response, path) => {
    if (path === '/v1/sessions' && request.method === 'GET') {
      peers
        .ask('sessions')
        .then((others) => {
          const theirs = others.flatMap(({ body }): readonly unknown[] => (Array.isArray(body) ? body : []))
          send(response, 200, [...gate.sessions().map(summary), ...theirs])
        })
        .catch(() => response.destroy())
      return true
    }
    const [, session, verb] = /^\/v1\/sessions\/([A-Za-z0-9_-]{1,100})\/(end|hold|free)$/.exec(path) ?? []
    if (session === undefined || request.method !== 'POST') return false
    reasonOf(request)
      .then((reason) => {
        if (reason === undefined) return send(response, 400, { title: 'a reason is missing' })
        return verb === 'end'
          ? endAnywhere(parts, response, session, reason)
          : keepAnywhere(parts, response, { session, event: verb === 'hold' ? 'held' : 'freed', reason })
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

async function endAnywhere(
  parts: SessionRouteParts,
  response: ServerResponse,
  session: string,
  reason: string,
): Promise<void> {
  const ended =
    end(parts, session, reason) ||
    (await parts.peers.ask('end', { session, reason })).reduce((sum, { body }) => sum + Number(body), 0)
  if (ended === 0) send(response, 404, { title: 'no such session is open' })
  else send(response, 200, { ended })
}

/** How many of this process's sessions that ended. */
function end({ gate, log }: SessionRouteParts, session: string, reason: string): number {
  const ended = gate.end(({ id }) => id === session, 'cancelled', `it was ended: ${reason}`)
  if (ended > 0) log.warn({ session, reason }, 'session ended by an operator')
  return ended
}

async function keepAnywhere(
  parts: SessionRouteParts,
  response: ServerResponse,
  asked: { readonly session: string; readonly event: 'held' | 'freed'; readonly reason: string },
): Promise<void> {
  const { session, event, reason } = asked
  const done =
    (await keep(parts, session, event, reason)) ||
    (await parts.peers.ask('keep', asked)).some(({ body }) => body === true)
  if (!done) throw new RecordingError('unreadable', `there is no recording of session ${session}`)
  send(response, 200, { session, event })
}

/** False where this process has no such recording. */
async function keep(
  { recordings, log }: SessionRouteParts,
  session: string,
  event: 'held' | 'freed',
  reason: string,
): Promise<boolean> {
  const found = await recordingsWith(recordings, session)
  if (found === undefined) return false
  const { leaves, recorder } = found
  hold(leaves, (leaf) => recorder.tell(leaf), { session, event, reason })
  log.warn({ session, reason }, `recording ${event}`)
  return true
}

function textOf(asked: unknown, name: string): string {
  const value = fieldOf(asked, name)
  return typeof value === 'string' ? value : ''
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
