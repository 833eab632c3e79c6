// What a client asks for on a channel before anything runs on it: variables, its agent, its display. Each is judged, and
// the host hears of what was allowed when it is asked to run something. Answers go out in the order of their questions
// (RFC 4254 5.4), so what follows one that waits for people waits too.
import type { SessionAccept, Session as SshSession } from 'ssh2'
import type { GateSession, Submission, Terms } from '../gate/contract.ts'
import { agentAction, displayAction, environmentAction, isLocale } from './actions.ts'
import { egressOf } from './egress.ts'
import type { Transport } from './transport.ts'

/** The display of a client, as it asked for it. The cookie is a secret between the client and the programs of the host. */
export interface Display {
  readonly single: boolean
  readonly protocol: string
  readonly cookie: Buffer
  readonly screen: number
}

/** What was allowed on a channel. */
export interface Setting {
  readonly environment: ReadonlyMap<string, string>
  readonly agent: boolean
  readonly display: Display | undefined
}

/** A channel on which nothing was asked for. */
export const noSetting: Setting = { environment: new Map(), agent: false, display: undefined }

/** Questions of one channel that are judged at all, and characters of a variable. */
const questionsMax = 128
const nameCharsMax = 256
const valueCharsMax = 32 * 1024
/** Questions of one channel that wait for the answer to another. */
const waitingMax = 128
const cookieBytesMax = 1024
const protocolCharsMax = 64
/** Masks refuse an agent, whatever their key. */
const noKey = new Uint8Array(0)

/** The questions of one channel. */
export interface Questions {
  /** What was allowed so far. */
  readonly setting: Setting
  /** What later actions on the channel may want to know of it. */
  readonly state: { readonly environment?: string }
  /** Does something when all that was asked before is answered: at once where nothing waits, never for who has left. */
  whenAnswered(next: () => void): void
}

type Action = Parameters<GateSession['submit']>[0]

/** Listens to what is asked for on a channel. `opened` is the session once it may be. */
export function questionsOf(
  asked: SshSession,
  transport: Transport,
  opened: () => Promise<GateSession | undefined>,
  onError: (error: unknown) => void,
): Questions {
  const environment = new Map<string, string>()
  let isAgent = false
  let display: Display | undefined
  let isBusy = false
  let questions = 0
  let isGone = false
  const waiting: (() => void)[] = []
  let submission: Submission | undefined

  const next = (): void => {
    isBusy = false
    while (!isBusy) {
      const task = waiting.shift()
      if (task === undefined) return
      task()
    }
  }
  const whenAnswered = (task: () => void): void => {
    if (isGone) return
    if (!isBusy) task()
    else if (waiting.length < waitingMax) waiting.push(task)
  }
  /** Judges one; exactly one of `allowed` and `refused` follows. */
  const judge = (
    session: GateSession,
    action: Action,
    isTaken: (terms: Terms) => boolean,
    refused: () => void,
  ): void => {
    let isOver = false
    const over = (): void => {
      if (isOver) return
      isOver = true
      // What was asked for has come to its end with the answer; whether it is used is another question.
      queueMicrotask(() => made.finish())
      next()
    }
    const made = session.submit(
      action,
      {},
      {
        forward: (terms) => {
          if (isGone || !isTaken(terms)) refused()
          over()
        },
        refuse: () => {
          refused()
          over()
        },
        held: () => undefined,
        stop: () => undefined,
      },
    )
    submission = made
  }
  /** The library answers nothing any more once something runs; only who asked for an answer gets one. */
  const answer = (isAsked: boolean, isYes: boolean): void => {
    if (isAsked && !isGone) transport.answer(asked, isYes)
  }
  const ask = (action: Action, isAsked: boolean, take: (isPlain: boolean) => boolean): void => {
    const refuse = (): void => answer(isAsked, false)
    if (++questions > questionsMax) {
      refuse()
      return
    }
    whenAnswered(() => {
      isBusy = true
      opened().then(
        (session) => {
          // How texts look changes nothing that runs: who may not say so is not told of it, and nobody else is.
          const isSilent = isLocale(action) && session?.wouldAllow(action, {}) === false
          if (session === undefined || isGone || isSilent) {
            refuse()
            return next()
          }
          const isTaken = (terms: Terms): boolean => {
            const plan = egressOf(session, terms, noKey)
            const isYes = take(plan.ok && !plan.masks)
            if (isYes) answer(isAsked, true)
            return isYes
          }
          judge(session, action, isTaken, refuse)
        },
        (error: unknown) => {
          onError(error)
          refuse()
          next()
        },
      )
    })
  }

  transport.inTurn(asked, (isYes) => whenAnswered(() => answer(true, isYes)))
  asked.on('env', (agree: SessionAccept | undefined, _refuse, { key, val }) => {
    const isOdd = !isName(key) || val.length > valueCharsMax || val.includes('\0')
    if (isOdd) return whenAnswered(() => answer(agree !== undefined, false))
    ask(environmentAction(key, val), agree !== undefined, () => {
      environment.set(key, val)
      return true
    })
  })
  asked.on('auth-agent', (agree: SessionAccept | undefined) =>
    // What is asked of an agent is not looked at, so nothing can be masked in it.
    ask(agentAction('client'), agree !== undefined, (isPlain) => {
      isAgent ||= isPlain
      return isPlain
    }),
  )
  asked.on('x11', (agree: SessionAccept | undefined, _refuse, info) => {
    const wanted = displayOf(info)
    if (wanted === undefined) return whenAnswered(() => answer(agree !== undefined, false))
    ask(displayAction('client'), agree !== undefined, (isPlain) => {
      if (isPlain) display ??= wanted
      return isPlain
    })
  })
  asked.on('close', () => {
    isGone = true
    waiting.length = 0
    submission?.cancel('client_gone')
  })
  return {
    get setting() {
      return { environment, agent: isAgent, display }
    },
    get state() {
      const names = [...environment.keys()].filter((name) => !isLocale(environmentAction(name, ''))).sort()
      return names.length === 0 ? {} : { environment: names.join(' ') }
    },
    whenAnswered,
  }
}

/** A name that shells know; what others make of another is not known. */
function isName(text: string): boolean {
  return text.length <= nameCharsMax && /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)
}

/** The library says that the cookie is a text and gives its bytes. */
function displayOf(info: object): Display | undefined {
  const [single, protocol, cookie, screen] = ['single', 'protocol', 'cookie', 'screen'].map((name): unknown =>
    Reflect.get(info, name),
  )
  if (typeof single !== 'boolean' || typeof protocol !== 'string' || typeof screen !== 'number') return undefined
  if (!(cookie instanceof Uint8Array) || cookie.length > cookieBytesMax) return undefined
  if (protocol.length > protocolCharsMax || !/^[\x21-\x7e]+$/.test(protocol)) return undefined
  return { single, protocol, cookie: Buffer.from(cookie), screen }
}
