// Bounds of the Kubernetes analyzer.

/** Characters of a request target. The API server takes headers of 1 MiB; honest targets are far shorter. */
export const targetCharactersMax: number = 32 * 1024
/** Query parameters of one request. */
export const parametersMax = 1024
/** Path segments of one request. */
export const segmentsMax = 64
/** Bytes of a body that is parsed: what the API server itself accepts. */
export const bodyBytesMax: number = 3 * 1024 * 1024
/** Nesting of a parsed body; canonical JSON of the whole document must still fit its own bound. */
export const bodyDepthMax = 128
/** Fields of a protobuf body, which may be of two bytes each and become far larger objects. */
export const protobufFieldsMax = 200_000
/** Aliases that a YAML body may use. */
export const yamlAliasesMax = 100
/** Words of an exec command, and characters of all of them. */
export const commandWordsMax = 1024
