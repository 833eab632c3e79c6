// Bounds of the Kubernetes front and of what comes back.

/** Bytes of all headers of one request. */
export const headerBytesMax: number = 64 * 1024
/** Headers of one request. */
export const headersMax = 128
/** Time for the body of a request to come. */
export const bodyMs = 60_000
/** Sessions that one connection may hold: one for each token and cluster that is used on it. */
export const sessionsPerConnectionMax = 16
/** Requests in flight on one connection of HTTP/2. */
export const streamsMax = 2048
/** Bytes of one object that is parsed for masking; the API server's own bound on a stored object is 1.5 MiB. */
export const objectBytesMax: number = 16 * 1024 * 1024
/** Bytes of a list's own metadata. */
export const listHeadBytesMax: number = 256 * 1024
/** Nesting of an object that is masked. */
export const objectDepthMax = 512
/** Time for the upstream to begin to answer a request that is no watch, log or stream. */
export const answerMs = 120_000
/** Sockets to one upstream. */
export const upstreamSocketsMax = 4096
/** Requests that wait for one of them. */
export const upstreamWaitingMax = 16_384
/** Objects that one watch under filters remembers as shown; a hundred bytes each. */
export const shownObjectsMax = 200_000
/** The same of all watches together. */
export const shownEverywhereMax = 1_000_000
