// Recordings through the gateway: who may have one is what the live policy says (`may_view`), and the signed log tells
// of each piece that was given before it is given. Pieces go out as they stand, sealed where they are: the gateway opens
// none. They prove who asks by their own token; the listener's token is not needed.
import { createReadStream, openSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { mayViewEntrypoint } from '../../bundles/store/index.ts'
import { actionSchema, type Identity } from '../../engine/action/index.ts'
import type { PolicyHost } from '../../engine/evaluate/index.ts'
import type { AdminRoute } from '../../proxy/admin/index.ts'
import type { Authenticator } from '../../proxy/identity/index.ts'
import { leavesOf, RecordingError, segmentNames } from '../../proxy/recording/index.ts'
import { errorFields, type Log } from '../../proxy/telemetry/index.ts'

/** What the routes are made of. */
export interface RecordingRouteParts {
  readonly authenticator: Authenticator
  /** Why an identity is let in no more; undefined when it is. */
  readonly bars: (identity: Identity) => string | undefined
  readonly policy: () => PolicyHost
  /** Has the log of a recording tell that it was given; false where no log has it. */
  readonly viewed: (session: string, reason: string) => Promise<boolean>
  /** The folder that holds a recording and its log. */
  readonly folderOf: (session: string) => string
  readonly labelsOf: (resource: string) => { readonly [name: string]: string } | undefined
  readonly nowMs: () => number
  readonly log: Log
}

const tokenLengthMax = 16 * 1024
/** Requests that may be judged at once: each reads the log. */
const atOnceMax = 8

/** `GET /v1/recordings/ID` names the segments, `GET /v1/recordings/ID/NAME` gives one. */
export function recordingRoutes(parts: RecordingRouteParts): AdminRoute {
  let running = 0
  return (request, response, path) => {
    const [, session, segment] = /^\/v1\/recordings\/([A-Za-z0-9_-]{1,100})(?:\/(\d{6,12}\.segment))?$/.exec(path) ?? []
    if (session === undefined) return false
    if (request.method !== 'GET') {
      send(response, 405, { title: 'method not allowed' })
      return true
    }
    if (running >= atOnceMax) {
      send(response, 503, { title: 'too many ask for recordings at once' })
      return true
    }
    running++
    give(parts, request, response, session, segment)
      .catch((error: unknown) => {
        parts.log.error(errorFields(error), 'a recording cannot be given')
        if (response.headersSent) response.destroy()
        else send(response, 503, { title: 'the recording cannot be given now' })
      })
      .finally(() => {
        running--
      })
    return true
  }
}

async function give(
  parts: RecordingRouteParts,
  request: IncomingMessage,
  response: ServerResponse,
  session: string,
  segment: string | undefined,
): Promise<void> {
  const { viewed, log } = parts
  const folder = parts.folderOf(session)
  const identity = await whoAsks(parts, request, session)
  if (identity === undefined) {
    response.setHeader('www-authenticate', 'Bearer')
    send(response, 401, { title: 'a token of a configured issuer is needed' })
    return
  }
  const viewer = { subject: identity.subject, issuer: identity.issuer }
  if (!(await mayView(parts, identity, session))) {
    // Whether there is such a recording is told to nobody who may not have it.
    log.warn({ session, ...viewer }, 'a recording was refused')
    send(response, 403, { title: 'the policy does not let you have this recording' })
    return
  }
  const names = namesOf(folder, session)
  if (names === undefined || (segment !== undefined && !names.includes(segment))) {
    send(response, 404, { title: 'there is no such recording here' })
    return
  }
  if (segment === undefined) {
    send(response, 200, { session, segments: names })
    return
  }
  const fd = openSync(join(folder, 'sessions', session, segment), 'r')
  const bytes = createReadStream('', { fd })
  try {
    if (!(await viewed(session, JSON.stringify({ ...viewer, segment }))))
      throw new RecordingError('unwritable', 'no process has the log of this recording')
  } catch (error) {
    bytes.destroy()
    throw error
  }
  log.warn({ session, segment, ...viewer }, 'a recording was given')
  response.writeHead(200, { 'content-type': 'application/octet-stream' })
  for await (const chunk of bytes) {
    if (response.destroyed) break
    if (!response.write(chunk)) await new Promise<void>((done) => drained(response, done))
  }
  response.end()
}

function drained(response: ServerResponse, done: () => void): void {
  response.once('drain', done)
  response.once('close', done)
}

/**
 * Whoever the token names; undefined where it names nobody, or somebody who was revoked. One that counts once is used up by
 * it, and gives the segments of this recording alone.
 */
async function whoAsks(
  { authenticator, bars }: RecordingRouteParts,
  request: IncomingMessage,
  session: string,
): Promise<Identity | undefined> {
  const { authorization = '' } = request.headers
  if (!/^bearer /i.test(authorization) || authorization.length > tokenLengthMax) return undefined
  const token = authorization.slice(7).trim()
  const answer = await authenticator.authenticate({ kind: 'token', token, purpose: `recording ${session}` })
  return answer.ok && bars(answer.identity) === undefined ? answer.identity : undefined
}

/** What the policy says. A policy that fails, or says nothing of it, says no. */
async function mayView(parts: RecordingRouteParts, identity: Identity, session: string): Promise<boolean> {
  const { policy, nowMs, log } = parts
  try {
    const input = {
      schema: actionSchema,
      identity,
      recording: await recordingOf(parts, session),
      context: { time: new Date(nowMs()).toISOString() },
    }
    return policy().evaluate(mayViewEntrypoint, input) === true
  } catch (error) {
    log.info(errorFields(error), 'the policy does not say who may view')
    return false
  }
}

/** What the log knows of a recording. */
async function recordingOf({ folderOf, labelsOf }: RecordingRouteParts, session: string): Promise<object> {
  const leaves = await leavesOf(folderOf(session), session)
  const at = (ms: number): string => new Date(ms).toISOString()
  const opened = leaves.find(({ event }) => event === 'opened')
  const ended = leaves.findLast(({ event }) => event === 'closed' || event === 'abandoned')
  const resource = ended?.resource
  const labels = resource === undefined ? undefined : labelsOf(resource)
  return {
    session,
    held: leaves.findLast(({ event }) => event === 'held' || event === 'freed')?.event === 'held',
    ...(opened === undefined ? {} : { started_at: at(opened.wallMs) }),
    ...(ended === undefined ? {} : { ended_at: at(ended.wallMs) }),
    ...(resource === undefined ? {} : { resource }),
    ...(labels === undefined ? {} : { labels }),
  }
}

function namesOf(folder: string, session: string): readonly string[] | undefined {
  try {
    return segmentNames(folder, session)
  } catch (error) {
    if (error instanceof RecordingError) return undefined
    throw error
  }
}

function send(response: ServerResponse, status: number, value: object): void {
  const type = status === 200 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': type }).end(`${JSON.stringify(value)}\n`)
}
