// What a masker may be told besides its paths, and its limits.

/** Nesting of a document. */
export const jsonDepthMax = 512
/** Bytes of a string that a strategy is applied to; a longer one becomes null. */
export const maskedStringBytesMax: number = 1024 * 1024

/** What a masker may be told besides its paths. */
export interface JsonMaskerOptions {
  readonly hashKey: Uint8Array
  /** Several documents may follow one another, as in JSON Lines. */
  readonly many?: boolean
  /** Values are counted by the paths that named them. */
  readonly countsPaths?: boolean
}
