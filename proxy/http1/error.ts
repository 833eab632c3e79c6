// Why bytes are not HTTP as two servers would surely read it. Each name is what fixtures, records and clients see.

/** The name of a refusal by the codec. */
export type WireRefusal =
  | 'bare_cr'
  | 'bare_lf'
  | 'nul'
  | 'leading_line'
  | 'head_too_long'
  | 'too_many_headers'
  | 'request_line'
  | 'method'
  | 'target'
  | 'target_too_long'
  | 'version'
  | 'status_line'
  | 'obs_fold'
  | 'header_name'
  | 'header_value'
  | 'space_before_colon'
  | 'no_colon'
  | 'duplicate_header'
  | 'content_length'
  | 'transfer_encoding'
  | 'length_and_encoding'
  | 'chunk_size'
  | 'chunk_extension'
  | 'chunk_end'
  | 'trailer'
  | 'trailer_too_long'
  | 'unexpected_bytes'
  | 'truncated'

/** A peer broke the protocol, or used a form that is not accepted here. Nothing of what it sent is forwarded. */
export class WireError extends Error {
  readonly code: WireRefusal
  constructor(code: WireRefusal, message: string) {
    super(message)
    this.name = 'WireError'
    this.code = code
  }
}
