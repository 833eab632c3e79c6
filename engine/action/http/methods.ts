// Which methods are spoken here, and what they do to a resource.
import type { Action } from '../document.ts'

/** Registered methods (IANA), and those of caches and discovery. A server that knows one less closes the connection. */
const verbs: { readonly [method: string]: Action['verb'] } = {
  GET: 'read',
  HEAD: 'read',
  OPTIONS: 'read',
  POST: 'write',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'write',
  // RFC 4918, 3253, 3744, 4791, 5323, 5842: WebDAV and its extensions.
  PROPFIND: 'read',
  REPORT: 'read',
  SEARCH: 'read',
  PROPPATCH: 'write',
  COPY: 'write',
  MOVE: 'write',
  MKCOL: 'write',
  MKCALENDAR: 'write',
  LOCK: 'write',
  UNLOCK: 'write',
  BIND: 'write',
  REBIND: 'write',
  UNBIND: 'write',
  LINK: 'write',
  UNLINK: 'write',
  CHECKOUT: 'write',
  MKACTIVITY: 'write',
  MERGE: 'write',
  ACL: 'admin',
  PURGE: 'admin',
  NOTIFY: 'write',
  SUBSCRIBE: 'write',
  UNSUBSCRIBE: 'write',
  'M-SEARCH': 'read',
}

/** Whether a method is spoken here. */
export function isMethod(method: string): boolean {
  return Object.hasOwn(verbs, method)
}

/** What a method does; `execute` for one that is not known. */
export function verbOfMethod(method: string): Action['verb'] {
  return (Object.hasOwn(verbs, method) ? verbs[method] : undefined) ?? 'execute'
}
