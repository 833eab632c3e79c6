// `sallyport sessions live | end | hold | free`: what a running gateway is asked over its admin listener.
import { readFileSync } from 'node:fs'
import { AdminClient, AdminError } from '../approvals/client.ts'
import { printable, visible } from './transcript.ts'

/** What is asked, of whom. */
export interface ControlAsked {
  readonly verb: 'live' | 'end' | 'hold' | 'free'
  readonly session: string | undefined
  readonly reason: string | undefined
  readonly url: string | undefined
  readonly tokenFile: string | undefined
}

/** The verbs that a gateway answers. */
export function isControlVerb(verb: string | undefined): verb is ControlAsked['verb'] {
  return verb === 'live' || verb === 'end' || verb === 'hold' || verb === 'free'
}

interface LiveSession {
  readonly id: string
  readonly subject: string
  readonly resource: string
  readonly client: string
  readonly started_at: string
}

/** Asks. 0 when it was done; undefined where the command line says too little. */
export async function control(
  asked: ControlAsked,
  environment: NodeJS.ProcessEnv,
  write: (text: string) => void,
): Promise<number | undefined> {
  const { verb, session, reason } = asked
  const token =
    asked.tokenFile === undefined ? environment['SALLYPORT_ADMIN_TOKEN'] : readFileSync(asked.tokenFile, 'utf8').trim()
  const client = new AdminClient(asked.url ?? environment['SALLYPORT_ADMIN_URL'] ?? 'http://127.0.0.1:9090', token)
  try {
    if (verb === 'live') {
      for (const one of await client.get<readonly LiveSession[]>('/v1/sessions'))
        write(
          `${printable(`${one.id}  ${visible(one.subject)} on ${one.resource} from ${one.client}  since ${one.started_at}`)}\n`,
        )
      return 0
    }
    if (session === undefined || reason === undefined) return undefined
    await client.post(`/v1/sessions/${encodeURIComponent(session)}/${verb}`, { reason })
    const done = { end: 'ended', hold: 'held', free: 'freed' }
    write(`${session} ${done[verb]}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof AdminError)) throw error
    process.stderr.write(`sallyport sessions: ${error.message}\n`)
    return 1
  }
}
