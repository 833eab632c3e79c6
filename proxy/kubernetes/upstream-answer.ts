// What a cluster answers, whichever way it was asked, and why there is no answer.
import { Readable } from 'node:stream'
import type { Field } from '../http1/index.ts'

/** The upstream cannot be reached or broke the connection. The message is safe to show. */
export class UpstreamError extends Error {}

/** A kept connection that the server closed meanwhile: nothing was read from it. */
export class StaleSocket extends UpstreamError {}

/** The head of an answer, and its body: whole, or where it comes. The head is no part of a body that may go on for long. */
export interface UpstreamAnswer {
  readonly statusCode: number
  /** Names in lower case, in the order of the wire. */
  readonly fields: readonly Field[]
  readonly body: Buffer | Readable
  /** Nothing more of it is wanted. */
  giveUp(): void
}

/** A body as a stream. */
export function streamOf(body: UpstreamAnswer['body']): Readable {
  return body instanceof Readable ? body : Readable.from([body])
}

/** The value of a field of an answer, all of them where there are several; empty when there is none. */
export function fieldOf({ fields }: Pick<UpstreamAnswer, 'fields'>, name: string): string {
  let found = ''
  for (const [one, value] of fields) if (one === name) found = found === '' ? value : `${found}, ${value}`
  return found
}

/** Something asked of a cluster that can be given up. Every request has one, and an AbortController costs ten times that. */
export class Asking {
  #isGivenUp = false
  #told: (() => void) | undefined

  /** Whether nobody waits for an answer any more. */
  get isGivenUp(): boolean {
    return this.#isGivenUp
  }

  /** Nobody waits any more. */
  giveUp(): void {
    if (this.#isGivenUp) return
    this.#isGivenUp = true
    const told = this.#told
    this.#told = undefined
    told?.()
  }

  /** Who is told of that; undefined when nobody need be any more. */
  whenGivenUp(told: (() => void) | undefined): void {
    if (this.#isGivenUp) told?.()
    else this.#told = told
  }
}
