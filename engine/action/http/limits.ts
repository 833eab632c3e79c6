// Every limit of the HTTP analyzer, with its reason. Configuration may lower them, never raise them.

/** Bytes of a body that is read before its request is judged; larger ones are streamed and named incomplete. */
export const judgedBodyBytesMax: number = 1024 * 1024

/** Nesting of a JSON body; the action document around it stays below the depth of canonical JSON. */
export const jsonDepthMax = 64

/** Values in a JSON body: what policies walk over stays bounded. */
export const jsonValuesMax = 50_000

/** Segments of a path. */
export const segmentsMax = 256

/** Parameters of a query or a form. */
export const parametersMax = 1000

/** Parts of a multipart body. */
export const partsMax = 200

/** Bytes of a multipart part's own head. */
export const partHeadBytesMax: number = 4096

/** Characters of a multipart field that is shown to policies; a longer one is a file. */
export const partTextMax: number = 4096

/** Bytes of one GraphQL document; parsing costs about a microsecond a byte. */
export const graphqlBytesMax: number = 64 * 1024

/** Lexical tokens of one GraphQL document. */
export const graphqlTokensMax = 10_000

/** Fields that one GraphQL request may select once fragments are spread; a small document can spread into billions. */
export const graphqlFieldsMax = 5000

/** Nesting of selections. */
export const graphqlDepthMax = 100

/** GraphQL operations or JSON-RPC calls of one request. */
export const callsMax = 100

/** Characters of a header value that policies see. */
export const headerTextMax: number = 1024

/** Characters of an action's text. */
export const actionTextMax: number = 2048

/** Ways told in which a request does not fit its API's document. */
export const violationsMax = 20

/** Characters of one of them. */
export const violationTextMax = 200

/** Steps that checking one request against schemas may take; about a tenth of a microsecond each. */
export const schemaUnitsMax = 100_000
