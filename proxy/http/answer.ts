// An answer of the gateway's own.
import type { Refusal } from '../gate/contract.ts'

/** Why a request is answered by the gateway itself. */
export class Answer extends Error {
  readonly status: number
  readonly code: string
  readonly refusal: Refusal | undefined
  constructor(status: number, code: string, message: string, refusal?: Refusal) {
    super(message)
    this.status = status
    this.code = code
    this.refusal = refusal
  }
}
