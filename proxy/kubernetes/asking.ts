// Asks for what may be had in several ways, such as a shell: in one way after another, until one is allowed. To whoever asks
// it is one action.
import type { Action } from '../../engine/action/index.ts'
import type { KubeAnalysis, KubeFacts } from '../../engine/action/kube/index.ts'
import type { Effects, GateSession, Submission, Terms } from '../gate/contract.ts'
import { keptAs, type ShellMode } from './streams/shell-modes.ts'

/** What is done once the gate has an answer. `forward` is told in which way, where there are ways. */
export interface AskedEffects extends Pick<Effects, 'refuse' | 'held' | 'stop'> {
  forward(terms: Terms, facts?: KubeFacts): void
}

/** Submits a request in each of the ways; without any, as it is. What is refused is refused in the last way's words. */
export function ask(
  session: GateSession,
  analysis: KubeAnalysis,
  ways: readonly ShellMode[],
  effects: AskedEffects,
): Submission {
  if (ways.length === 0) return session.submit(asked(analysis, analysis.facts), {}, effects)
  let current: Submission | undefined
  let isOver = false
  const from = ([way, ...others]: readonly ShellMode[]): void => {
    const kube = way === undefined ? analysis.facts : keptAs(analysis.facts, way)
    let isAskedAgain = false
    const submission = session.submit(
      asked(analysis, kube),
      {},
      {
        forward: (terms) => effects.forward(terms, kube),
        refuse: (refusal) => {
          if (isOver || others.length === 0 || refusal.code === 'cancelled') {
            effects.refuse(refusal)
            return
          }
          isAskedAgain = true
          from(others)
        },
        held: (notice) => effects.held(notice),
        stop: (refusal) => effects.stop(refusal),
      },
    )
    if (!isAskedAgain) current = submission
    if (isOver) submission.finish()
  }
  from(ways)
  return {
    cancel: (reason) => {
      isOver = true
      current?.cancel(reason)
    },
    finish: () => {
      isOver = true
      current?.finish()
    },
    get settled() {
      return current?.settled ?? false
    },
  }
}

function asked({ verb, operation, text }: KubeAnalysis, kube: KubeFacts): Omit<Action, 'digest'> {
  return { stage: 'request', verb, operation, text, complete: kube.complete, kube }
}
