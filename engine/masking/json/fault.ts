// Why a document cannot be masked.

/** Why a document cannot be masked. */
export type JsonMaskFault = 'not_json' | 'not_utf8' | 'too_deep' | 'too_long' | 'truncated'

/** The document cannot be masked, so nothing more of it may be shown. */
export class JsonMaskError extends Error {
  readonly code: JsonMaskFault
  constructor(code: JsonMaskFault) {
    super(`the document cannot be masked: ${code}`)
    this.name = 'JsonMaskError'
    this.code = code
  }
}
