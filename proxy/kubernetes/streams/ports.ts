// The connections of one port-forward: each is an action, judged when its first stream opens.
import type { KubeFacts } from '../../../engine/action/kube/index.ts'
import type { GateSession, Submission } from '../../gate/contract.ts'
import { refusalStatus } from '../status.ts'
import { WireError } from '../wire/index.ts'

/** Whether a connection goes on: now, with why it does not, or later. */
export type PortAnswer = { readonly at: 'now'; readonly why: string | undefined } | { readonly at: 'later' }

interface Connection {
  readonly port: string
  submission: Submission | undefined
  answer: PortAnswer
}

/** Judges connections by the number that the client gave them. */
export class PortJudge {
  readonly #session: GateSession
  readonly #facts: KubeFacts
  readonly #connections = new Map<string, Connection>()

  constructor(session: GateSession, facts: KubeFacts) {
    this.#session = session
    this.#facts = facts
  }

  /** The answer for one stream of a connection; `later` is called once when it was not there at once. */
  judge(request: string, port: string, later: (why: string | undefined) => void): PortAnswer {
    const known = this.#connections.get(request)
    if (known !== undefined) {
      if (known.port !== port) throw new WireError('one connection has two ports')
      return known.answer
    }
    const number = Number(port)
    if (port === '' || ![...port].every((mark) => mark >= '0' && mark <= '9') || number < 1 || number > 65_535)
      throw new WireError('a stream names no port')
    const connection: Connection = { port, submission: undefined, answer: { at: 'later' } }
    this.#connections.set(request, connection)
    let answered = false
    const settle = (why: string | undefined): void => {
      connection.answer = { at: 'now', why }
      if (answered) later(why)
    }
    const { namespace, name } = this.#facts
    const kube = { ...this.#facts, ports: [number] }
    connection.submission = this.#session.submit(
      {
        stage: 'request',
        verb: 'transfer',
        operation: 'create pods/portforward',
        text: `port-forward ${namespace}/${name} ${port}`,
        complete: kube.complete,
        kube,
      },
      {},
      {
        forward: () => settle(undefined),
        refuse: (refusal) => settle(refusalStatus(refusal).message),
        held: () => undefined,
        stop: () => undefined,
      },
    )
    answered = true
    return connection.answer
  }

  /** Both streams of a connection are over. */
  over(request: string): void {
    this.#connections.get(request)?.submission?.finish()
    this.#connections.delete(request)
  }

  /** The whole port-forward is over. */
  drop(): void {
    for (const { submission } of this.#connections.values()) {
      if (submission?.settled === false) submission.cancel('client_gone')
      submission?.finish()
    }
    this.#connections.clear()
  }
}
