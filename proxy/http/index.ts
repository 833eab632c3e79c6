// The contract of proxy/http.
export type { HttpTarget } from './connection.ts'
export { listenHttp, type RunningHttpListener } from './listener.ts'
