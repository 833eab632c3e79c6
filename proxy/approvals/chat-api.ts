// The callback of buttons in chats: it proves itself by its signature, so it needs no token of the listener.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AdminRoute } from '../admin/index.ts'
import type { Answered } from './answering.ts'
import type { Approvals } from './service.ts'
import { type Chat, ChatError, type Pressed } from './slack.ts'
import type { Vouching } from './vouching.ts'

/** What the callback needs. */
export interface ChatApiParts {
  readonly chat: Chat
  readonly approvals: Pick<Approvals, 'answer'>
  readonly vouching: Vouching
  readonly fetch: typeof fetch
  /** Where answers to a press may be posted: the beginning of `response_url`. */
  readonly respondBelow: string
  readonly onError: (error: unknown) => void
}

const path = '/v1/chat/actions'
const bodyBytesMax = 64 * 1024
const respondMs = 10_000

/** The route. */
export function chatRoute(parts: ChatApiParts): AdminRoute {
  return (request, response, asked) => {
    if (asked !== path) return false
    take(parts, request).then(
      (status) => response.writeHead(status, { 'content-length': 0 }).end(),
      (error: unknown) => {
        parts.onError(error)
        failed(response)
      },
    )
    return true
  }
}

function failed(response: ServerResponse): void {
  if (!response.headersSent) response.writeHead(500, { 'content-length': 0 }).end()
}

async function take(parts: ChatApiParts, request: IncomingMessage): Promise<number> {
  if (request.method !== 'POST') return 405
  const body = await textOf(request)
  if (body === undefined) return 413
  const header = (name: string): string => String(request.headers[name] ?? '')
  try {
    const pressed = await parts.chat.verify(header('x-slack-request-timestamp'), header('x-slack-signature'), body)
    if (pressed === undefined) return 404
    // The chat gives up after three seconds, and answers are quicker; what came of it is told apart from that.
    const answered = await answer(parts, pressed)
    tell(parts, pressed, answered).catch((error: unknown) => parts.onError(error))
    return 200
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    return error.code === 'malformed' ? 400 : 401
  }
}

async function answer({ approvals, vouching }: ChatApiParts, pressed: Pressed): Promise<Answered | undefined> {
  const { hold, statement, verdict, by } = pressed
  const reason = verdict === 'deny' ? `denied by ${by.subject}` : ''
  const jws = await vouching.sign(by, 'chat', { hold, statement, verdict, reason })
  return jws === undefined ? undefined : approvals.answer(hold, jws)
}

async function tell(parts: ChatApiParts, pressed: Pressed, answered: Answered | undefined): Promise<void> {
  if (!pressed.respondTo.startsWith(parts.respondBelow)) return
  const said =
    answered === undefined
      ? 'this gateway signs no answers for people in chats'
      : answered.ok
        ? answered.status === 'waiting'
          ? 'taken; more people are needed'
          : answered.status
        : answered.message
  const text = `${pressed.by.subject}: ${said}`
  const response = await parts.fetch(pressed.respondTo, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ response_type: 'in_channel', replace_original: false, text }),
    redirect: 'error',
    signal: AbortSignal.timeout(respondMs),
  })
  await response.body?.cancel()
}

async function textOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    const piece: Buffer = chunk
    bytes += piece.length
    if (bytes > bodyBytesMax) return undefined
    chunks.push(piece)
  }
  return Buffer.concat(chunks).toString('utf8')
}
