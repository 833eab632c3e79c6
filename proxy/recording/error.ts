// What can go wrong with a recording, as a closed list of codes.

/** Why a recording cannot be written or read. */
export type RecordingErrorCode =
  | 'too_large'
  | 'damaged'
  | 'unreadable'
  | 'unwritable'
  | 'behind'
  | 'wrong_key'
  | 'bad_key'
  | 'closed'

/** A recording that cannot be written or read. */
export class RecordingError extends Error {
  readonly code: RecordingErrorCode
  constructor(code: RecordingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RecordingError'
    this.code = code
  }
}
