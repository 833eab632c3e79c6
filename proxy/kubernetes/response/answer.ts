// How one answer goes to the client: as it is, or through what masks, filters and counts it.
import type { Transform } from 'node:stream'
import { type KubeFacts, mediaType } from '../../../engine/action/kube/index.ts'
import { printStatus } from '../status.ts'
import { notFound } from '../visible.ts'
import { EventStream, WholeAnswer } from './json-answer.ts'
import { ListAnswer } from './list-answer.ts'
import { ObjectMasker } from './object-masker.ts'
import type { Shown } from './shown.ts'
import { type AnswerTerms, readsObjects } from './terms.ts'
import { TextAnswer } from './text-answer.ts'
import { WatchView } from './watch-view.ts'

/** What the way of an answer needs. */
export interface AnswerParts {
  readonly facts: KubeFacts
  readonly terms: AnswerTerms
  readonly status: number
  readonly contentType: string
  readonly hashKey: Uint8Array
  /** What a watch under filters begins with. */
  readonly shown: Shown
  readonly masked: (rule: string, count: number) => void
  /** Counts objects against the limits; false stops the answer. */
  readonly counted: (objects: number) => boolean
}

/** The transform that an answer passes; undefined when it goes as it is. A text says why it may not go at all. */
export function answerTransform(parts: AnswerParts): Transform | undefined | string {
  const { facts, terms, status, contentType } = parts
  if (!readsObjects(terms)) return undefined
  const type = mediaType(contentType)
  const isText = type === 'text/plain' && (facts.subresource === 'log' || facts.proxy !== undefined)
  if (isText || (!facts.resource_request && type !== 'application/json'))
    return terms.detect.length === 0 ? undefined : new TextAnswer(terms.detect, parts.hashKey, parts.masked)
  // Discovery and versions describe the API, not what is in it.
  if (!facts.resource_request) return undefined
  if (type !== 'application/json') return 'the cluster answered in a form that cannot be masked'
  const masker = new ObjectMasker(terms, parts.hashKey)
  const counted = (objects: number): boolean => {
    for (const [rule, count] of masker.counts) parts.masked(rule, count)
    masker.counts.clear()
    return parts.counted(objects)
  }
  if (status < 300 && facts.verb === 'watch')
    return new EventStream(
      masker,
      counted,
      terms.filters.length === 0 ? undefined : new WatchView(terms.filters, parts.shown),
    )
  if (status < 300 && (facts.verb === 'list' || facts.verb === 'deletecollection'))
    return new ListAnswer(terms, masker, parts.hashKey, counted)
  return new WholeAnswer(masker, counted, () => printStatus(notFound(facts)))
}
