/** A peer broke the protocol. Nothing of what it sent is forwarded. */
export class WireError extends Error {
  readonly code:
    | 'too_short'
    | 'too_long'
    | 'bad_length'
    | 'trailing_bytes'
    | 'not_utf8'
    | 'no_terminator'
    | 'bad_value'
    | 'unknown_type'
    | 'out_of_place'
  constructor(code: WireError['code'], message: string) {
    super(message)
    this.name = 'WireError'
    this.code = code
  }
}
