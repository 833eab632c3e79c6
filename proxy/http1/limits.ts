// Every limit of the HTTP/1.1 codec, with its reason.

/** Bytes of a message's head. Servers accept 8 to 64 KiB; tokens with many groups need more than 8. */
export const headBytesMax: number = 32 * 1024

/** Bytes of a request target; nginx and Apache stop at 8 KiB. */
export const targetBytesMax: number = 8 * 1024

/** Header fields of one message. */
export const headersMax = 100

/** Bytes of a trailer section. */
export const trailerBytesMax: number = 8 * 1024

/** Hexadecimal digits of a chunk size: 2^48 bytes, far below where numbers lose precision. */
export const chunkDigitsMax = 12

/** Decimal digits of Content-Length: below 2^53. */
export const lengthDigitsMax = 15
