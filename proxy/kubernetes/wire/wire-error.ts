// What a peer sent that the protocol does not allow.

/** A broken frame. The connection that it came on ends. */
export class WireError extends Error {}
