// The type bytes of messages (PostgreSQL 55.7). A byte can mean one thing from a client and another from a server.

/** Messages of the server. */
export const messageTypes = {
  parseComplete: 0x31,
  bindComplete: 0x32,
  closeComplete: 0x33,
  notification: 0x41,
  commandComplete: 0x43,
  row: 0x44,
  error: 0x45,
  copyIn: 0x47,
  copyOut: 0x48,
  emptyQuery: 0x49,
  backendKey: 0x4b,
  notice: 0x4e,
  parameterStatus: 0x53,
  rowDescription: 0x54,
  functionResult: 0x56,
  ready: 0x5a,
  copyData: 0x64,
  noData: 0x6e,
  portalSuspended: 0x73,
} as const

/** Messages of the client. */
export const requestTypes = {
  bind: 0x42,
  close: 0x43,
  describe: 0x44,
  execute: 0x45,
  functionCall: 0x46,
  flush: 0x48,
  parse: 0x50,
  query: 0x51,
  sync: 0x53,
  terminate: 0x58,
  copyDone: 0x63,
  copyData: 0x64,
  copyFail: 0x66,
} as const
