// What clients have this process keep: bodies of requests that are not over, and answers that they do not read.
import { Kept, SharedRoom } from '../listening/room.ts'
import type { FrontRequest, FrontResponse } from './front.ts'

const mebibyte: number = 1024 * 1024

/** Ten bodies of the largest kind for each connection. */
const bodies = new SharedRoom({ eachMax: 32 * mebibyte, allMax: 256 * mebibyte })
/** Answers that go on for one connection without a check of what waits: 64 of the largest kind. */
const answers = new SharedRoom({ eachMax: 16 * mebibyte, allMax: 256 * mebibyte })

/** Room for the body of a request of a client's. */
export function bodyRoom({ connection, socket }: FrontRequest, client: string): Kept {
  const kept = new Kept(bodies.of(connection, () => socket.destroy()))
  kept.isOf(bodies, client)
  return kept
}

/** Room for what its client does not read of an answer. A client that has most of it, where there is no more, is let go. */
export function answerRoom(response: FrontResponse): Kept | undefined {
  const connection = 'respond' in response ? response.session : response.socket
  return connection === undefined || connection === null
    ? undefined
    : new Kept(answers.of(connection, () => connection.destroy()))
}
