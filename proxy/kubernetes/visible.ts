// Whether the object that a request is about may be seen at all. What a filter hides must not be changed, deleted, read
// by its logs or run in either, so it is looked at first, as the identity would see it.
import type { KubeFacts } from '../../engine/action/kube/index.ts'
import { actingAs } from './acting-as.ts'
import { objectBytesMax } from './limits.ts'
import { AnswerError, ObjectMasker } from './response/object-masker.ts'
import { type AnswerTerms, filteredResource } from './response/terms.ts'
import { member } from './response/told-values.ts'
import type { LiveSession } from './sessions.ts'
import { plainStatus, type Status } from './status.ts'
import { wholeText } from './whole-text.ts'

const changing: ReadonlySet<string> = new Set(['update', 'patch', 'delete'])

/** What the client is told instead; undefined when the request may go on. Rejects with UpstreamError. */
export async function hidden(
  { session, target, client }: LiveSession,
  facts: KubeFacts,
  terms: AnswerTerms,
  signal: AbortSignal,
): Promise<Status | undefined> {
  if (terms.filters.length === 0) return undefined
  if (facts.verb === 'deletecollection')
    return plainStatus(403, 'Forbidden', 'refused: what is filtered here cannot be deleted all at once')
  const about = subject(facts)
  if (about === undefined) return plainStatus(403, 'Forbidden', 'refused: it does not say which object it is about')
  // Of what is read whole, the answer itself is filtered; a new object is nobody's yet.
  const isLookedAt = about !== facts || facts.subresource !== '' || changing.has(facts.verb) || facts.verb === 'proxy'
  if (about.name === '' || !isLookedAt) return undefined
  const { headers, ...own } = await actingAs(target.impersonation, target.tokens, session.identity, session.id)
  const answer = await target.upstream.send({
    ...own,
    client,
    method: 'GET',
    target: objectPath(about),
    headers: [['Accept', 'application/json'], ['Accept-Encoding', 'identity'], ...headers],
    body: new Uint8Array(),
    signal,
  })
  const text = await wholeText(answer, objectBytesMax)
  // What is not there is told by the request itself.
  if (answer.statusCode === 404) return undefined
  const seen = answer.statusCode === 200 && text !== undefined && sees(terms, text)
  return seen ? undefined : notFound(about)
}

/** The object that a request is about, as facts; undefined where a body that names it does not. */
function subject(facts: KubeFacts): KubeFacts | undefined {
  const resource = filteredResource(facts)
  if (resource === facts.resource) return facts
  const name = member(member(facts.body.object, 'metadata'), 'name')
  return typeof name === 'string' && name !== '' && facts.body.complete ? { ...facts, resource, name } : undefined
}

/** What the API server says of an object that is not there. */
export function notFound({ resource, group, name }: KubeFacts): Status {
  return plainStatus(404, 'NotFound', `${resource}${group === '' ? '' : `.${group}`} "${name}" not found`)
}

function sees(terms: AnswerTerms, text: string): boolean {
  const only = { ...terms, paths: [], detect: [] }
  try {
    return new ObjectMasker(only, new Uint8Array()).apply('whole', text) !== undefined
  } catch (error) {
    if (error instanceof AnswerError) return false
    throw error
  }
}

function objectPath(facts: KubeFacts): string {
  const { group, version, namespace, resource } = facts
  const name = objectName(facts)
  const segments = [
    ...(group === '' ? ['api', version] : ['apis', group, version]),
    ...(namespace === '' || resource === 'namespaces' ? [] : ['namespaces', namespace]),
    resource,
    name,
  ]
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('')
}

/** The name of the object itself: whoever is asked for through the API server is `SCHEME:NAME:PORT` there. */
function objectName({ name, proxy }: KubeFacts): string {
  const parts = name.split(':')
  if (proxy === undefined || parts.length > 3) return name
  return parts[parts.length === 3 ? 1 : 0] ?? name
}
