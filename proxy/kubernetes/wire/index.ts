// The codecs of streams. Imports nothing of ours.
export { type SpdyFrame, type SpdyHeaders, SpdyReader, SpdyWriter } from './spdy.ts'
export { acceptKey, encodeFrame, isKey, newKey, type WebSocketFrame, WebSocketReader } from './websocket.ts'
export { WireError } from './wire-error.ts'
