// What the watcher of a filtered watch sees already when it goes on from a version that it knows by a list: the objects
// of that version, which the cluster is asked for, as they pass the filters. Nothing else of them is kept.
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { KubeAnalysis, KubeFacts } from '../../engine/action/kube/index.ts'
import { actingAs } from './acting-as.ts'
import { answerMs } from './limits.ts'
import type { ObjectFilter } from './response/filter.ts'
import { ListAnswer } from './response/list-answer.ts'
import { ObjectMasker } from './response/object-masker.ts'
import type { Shown } from './response/shown.ts'
import type { AnswerTerms } from './response/terms.ts'
import { objectKey } from './response/watch-view.ts'
import type { LiveSession } from './sessions.ts'
import { plainStatus, type Status } from './status.ts'

const expired: Status = plainStatus(410, 'Expired', 'the resource version cannot be watched from: list again')

/**
 * Fills in what is shown where a watch under filters begins; answers what the client is told instead where that cannot
 * be known. Rejects with UpstreamError.
 */
export async function showBefore(
  { session, target, client }: LiveSession,
  { facts, forward }: KubeAnalysis,
  terms: AnswerTerms,
  hashKey: Uint8Array,
  shown: Shown,
  signal: AbortSignal,
): Promise<Status | undefined> {
  if (facts.verb !== 'watch' || terms.filters.length === 0) return undefined
  const query = new URLSearchParams(forward.target.slice(forward.target.indexOf('?') + 1))
  const version = query.get('resourceVersion') ?? ''
  // A watch from no version, or one with events for what there is, tells of every object first.
  if (version === '' || version === '0' || query.get('sendInitialEvents') === 'true') return undefined
  const within = AbortSignal.any([signal, AbortSignal.timeout(answerMs)])
  const { headers, ...own } = await actingAs(target.impersonation, target.tokens, session.identity, session.id)
  const accept = terms.metadataOnly ? 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' : ''
  const answer = await target.upstream.send({
    ...own,
    client,
    method: 'GET',
    target: listOf(facts, query, version),
    headers: [
      ['Accept', `${accept}${accept === '' ? '' : ','}application/json`],
      ['Accept-Encoding', 'identity'],
      ...headers,
    ],
    body: new Uint8Array(),
    signal: within,
  })
  if (answer.statusCode !== 200) {
    answer.destroy()
    if (answer.statusCode === 410) return expired
    const code = answer.statusCode === 403 ? 403 : 503
    const reason = code === 403 ? 'Forbidden' : 'ServiceUnavailable'
    return plainStatus(code, reason, 'the cluster does not tell what there is to watch under a filter')
  }
  let isFull = false
  const taking: ObjectFilter = {
    metadataOnly: terms.metadataOnly,
    sees: (object) => {
      if (terms.filters.every((filter) => filter.sees(object))) isFull ||= !shown.add(objectKey(object))
      return false
    },
  }
  const only: AnswerTerms = { ...terms, paths: [], detect: [], filters: [taking], counts: false }
  const list = new ListAnswer(only, new ObjectMasker(only, hashKey), hashKey, () => !isFull)
  try {
    await pipeline(answer, list, new Writable({ write: (_bytes, _encoding, done) => done() }), { signal: within })
  } catch (error) {
    if (isFull) return expired
    throw error
  }
  return isFull ? expired : undefined
}

/** The list of what a watch is about, as it was at a version. */
function listOf({ group, version, namespace, resource, name }: KubeFacts, query: URLSearchParams, at: string): string {
  const segments = [
    ...(group === '' ? ['api', version] : ['apis', group, version]),
    ...(namespace === '' || resource === 'namespaces' ? [] : ['namespaces', namespace]),
    resource,
  ]
  const wanted = new URLSearchParams()
  const labels = query.get('labelSelector') ?? ''
  const fields = query.get('fieldSelector') ?? (name === '' ? '' : `metadata.name=${name}`)
  if (labels !== '') wanted.set('labelSelector', labels)
  if (fields !== '') wanted.set('fieldSelector', fields)
  wanted.set('resourceVersion', at)
  wanted.set('resourceVersionMatch', 'Exact')
  return `${segments.map((segment) => `/${encodeURIComponent(segment)}`).join('')}?${wanted}`
}
