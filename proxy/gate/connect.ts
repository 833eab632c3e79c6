// The action that opens every session, and what stands in for answers until there is one.
import type { Action } from '../../engine/action/index.ts'
import type { BudgetAnswer, Terms } from './contract.ts'

/** What is judged before anything else of a session. */
export const connectAction: Omit<Action, 'digest'> = {
  stage: 'connect',
  verb: 'connect',
  operation: 'connect',
  text: 'connect',
  complete: true,
}

/** The terms before the connect action is answered. */
export const noTerms: Terms = { decisionId: '', masks: [], filters: [], limits: {} }

/** What may go on. */
export const within: BudgetAnswer = { within: true }
