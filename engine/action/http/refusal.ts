// Why a request is not judged at all: what two servers could read differently. Each name is what fixtures and clients see.

/** The name of a refusal by the canonicalizer. */
export type HttpRefusalCode =
  | 'absolute_form'
  | 'asterisk_form'
  | 'authority'
  | 'authority_form'
  | 'authority_mismatch'
  | 'backslash'
  | 'bad_percent'
  | 'connect'
  | 'dot_segment'
  | 'double_encoding'
  | 'duplicate_header'
  | 'empty_segment'
  | 'encoded_control'
  | 'encoded_delimiter'
  | 'encoded_nul'
  | 'encoded_slash'
  | 'expectation'
  | 'forged_pseudo_header'
  | 'fragment'
  | 'hop_by_hop'
  | 'lookalike'
  | 'method_override'
  | 'method_unknown'
  | 'no_host'
  | 'not_utf8'
  | 'path_byte'
  | 'path_override'
  | 'path_parameter'
  | 'query_byte'
  | 'query_nul'
  | 'query_semicolon'
  | 'scheme'
  | 'too_many_parameters'
  | 'too_many_segments'
  | 'trace'
  | 'trailer'
  | 'upgrade'
  | 'userinfo'

/** A request that must not be forwarded, by its name and in words that are safe to show. */
export class HttpRefusal extends Error {
  readonly code: HttpRefusalCode
  constructor(code: HttpRefusalCode, message: string) {
    super(message)
    this.name = 'HttpRefusal'
    this.code = code
  }
}
