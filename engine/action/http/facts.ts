// What the HTTP analyzer reports about one request.

/** A JSON value as a parsed body holds it. */
export type HttpJson = null | boolean | number | string | readonly HttpJson[] | { readonly [key: string]: HttpJson }

/** One GraphQL operation of a request. */
export interface GraphqlOperation {
  readonly type: 'query' | 'mutation' | 'subscription'
  readonly name: string
  /** Dotted paths of all selected fields, aliases resolved to field names. */
  readonly fields: readonly string[]
  readonly depth: number
  readonly aliases: number
  /** Parts of the answer may come later, by `@defer` or `@stream`, and stand at other places. */
  readonly incremental: boolean
  readonly introspection: boolean
}

/** One JSON-RPC or MCP call of a request. */
export interface RpcCall {
  /** Empty when the message is an answer to a call of the server's. */
  readonly method: string
  readonly id: string | number | null
  /** `params.name` of `tools/call` and `prompts/get`, `params.uri` of resources; else empty. */
  readonly tool: string
  /** SHA-256 (hex, canonical JSON) of the tool's definition as its server last listed it here; empty when not known. */
  readonly definition: string
  readonly arguments: HttpJson
}

/** Where an answer leads its client. */
export interface HttpRedirect {
  readonly by: 'location' | 'refresh'
  /** As the API wrote it. */
  readonly target: string
  /** `https`, `javascript`; that of the request where none is written. */
  readonly scheme: string
  /** Host, and port where it is not the scheme's own; empty where there is none. */
  readonly authority: string
  /** It leads to where the request went: scheme, host and port. */
  readonly same_authority: boolean
  /** False where clients are known to read it in more than one way; the action is incomplete then. */
  readonly readable: boolean
}

/** The head of an answer: `action.http.response`, only at the stage `response`. */
export interface HttpResponseFacts {
  readonly status: number
  /** Fields that are no secrets, by name. */
  readonly headers: { readonly [name: string]: readonly string[] }
  /** The names of all fields, sorted. */
  readonly names: readonly string[]
  /** Names of the cookies it sets. */
  readonly cookies: readonly string[]
  /** Media type in lower case, without parameters. */
  readonly type: string
  /** Length of the body where it is known, else -1. */
  readonly bytes: number
  readonly redirects: readonly HttpRedirect[]
  /** The status of a call of gRPC whose answer is no more than it; else -1. */
  readonly grpc_status: number
  /** The decision under which the request went on; empty where nobody decided. */
  readonly decision: string
}

/** The `action.http` part of an action document. */
export interface HttpFacts {
  readonly method: string
  readonly scheme: 'http' | 'https'
  readonly authority: string
  /** Decoded once; a request whose path could be read in two ways never gets here. `[""]` is `/`. */
  readonly path: readonly string[]
  /** Path template of the API's OpenAPI document; empty when there is none, or the request is not in it. */
  readonly route: string
  /** `operationId` of the same; it is then the operation of the action too. */
  readonly operation_id: string
  /**
   * In which ways the request is not what that document says of its operation (parameters, media type, body). Absent when
   * there is no document, or the request is not in it.
   */
  readonly violations?: readonly string[]
  readonly query: { readonly [name: string]: readonly string[] }
  readonly headers: { readonly [name: string]: readonly string[] }
  /** `websocket` when the connection is to become one; else empty. */
  readonly upgrade: string
  readonly body: {
    readonly kind: 'none' | 'json' | 'form' | 'multipart' | 'text' | 'binary' | 'stream'
    /** Media type in lower case, without parameters. */
    readonly type: string
    readonly value: HttpJson
    /** Length where it is known, else -1. */
    readonly bytes: number
    /** SHA-256 (hex) of a body that was read whole; else empty. */
    readonly sha256: string
    readonly complete: boolean
  }
  readonly graphql: readonly GraphqlOperation[]
  readonly rpc: readonly RpcCall[]
  /** What was answered; only at the stage `response`. */
  readonly response?: HttpResponseFacts
  readonly complete: boolean
  readonly reasons: readonly string[]
}
