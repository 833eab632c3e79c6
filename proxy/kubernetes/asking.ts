// Asks for what may be had in several ways, such as a shell: in one way after another, until one is allowed. To whoever asks
// it is one action.
import type { KubeAnalysis, KubeFacts } from '../../engine/action/kube/index.ts'
import type { Effects, GateSession, Submission, Terms } from '../gate/contract.ts'
import { keptAs, type ShellMode } from './streams/shell-modes.ts'

/** What is done once the gate has an answer. `forward` is told in which way. */
export interface AskedEffects extends Pick<Effects, 'refuse' | 'held' | 'stop'> {
  forward(terms: Terms, facts: KubeFacts): void
}

/** Submits a request in each of the ways; without any, as it is. What is refused is refused in the last way's words. */
export function ask(
  session: GateSession,
  { facts, verb, operation, text }: KubeAnalysis,
  ways: readonly ShellMode[],
  effects: AskedEffects,
): Submission {
  let current: Submission | undefined
  let isOver = false
  const from = ([way, ...others]: readonly ShellMode[]): void => {
    const kube = way === undefined ? facts : keptAs(facts, way)
    let isAskedAgain = false
    const submission = session.submit(
      { stage: 'request', verb, operation, text, complete: kube.complete, kube },
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
