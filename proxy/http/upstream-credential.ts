// How the gateway proves itself to an API: a header, a parameter of the query, or a signature over the request as it goes
// out. Certificates are part of the connection's TLS.
import { createHash } from 'node:crypto'
import { type SigV4Credentials, signRequest } from '../../bundles/source/index.ts'
import type { Field } from '../http1/index.ts'
import { Answer } from './answer.ts'

/** The credential for one API. */
export type UpstreamCredential =
  | { readonly kind: 'header'; readonly name: string; readonly value: string }
  | { readonly kind: 'query'; readonly name: string; readonly value: string }
  | { readonly kind: 'aws'; readonly service: string; readonly keys: SigV4Credentials; readonly nowMs: () => number }

/** A request as it is about to go out. */
export interface Outgoing {
  readonly method: string
  /** `http://host:port` or `https://host:port`, as it stands in `host`. */
  readonly origin: string
  /** In origin form. */
  readonly target: string
  /** What goes on of the client's, without `host` and framing. */
  readonly fields: readonly Field[]
  /** The body where it is whole; undefined for one that is passed on as it comes. */
  readonly body: readonly Uint8Array[] | undefined
}

/** What goes out instead. */
export interface Proven {
  readonly target: string
  readonly fields: readonly Field[]
}

/** Fields by which AWS reads whose request it is; the gateway's own stand instead. */
const awsOwn: ReadonlySet<string> = new Set([
  'authorization',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-decoded-content-length',
  'x-amz-security-token',
  'x-amz-trailer',
])

/** Puts the credential to a request. Throws Answer where it cannot be. */
export function prove(credential: UpstreamCredential | undefined, outgoing: Outgoing): Proven {
  const { target } = outgoing
  const fields = outgoing.fields.filter(([name]) => name !== 'authorization')
  switch (credential?.kind) {
    case undefined:
      return { target, fields }
    case 'header': {
      const own = credential.name.toLowerCase()
      return { target, fields: [...fields.filter(([name]) => name !== own), [credential.name, credential.value]] }
    }
    case 'query':
      return { target: withParameter(target, credential.name, credential.value), fields }
    case 'aws':
      return { target, fields: signed(credential, { ...outgoing, fields }) }
  }
}

/** A parameter of the client's by this name would stand beside the gateway's, and nobody knows which one counts. */
function withParameter(target: string, name: string, value: string): string {
  const mark = target.indexOf('?')
  const query = mark < 0 ? '' : target.slice(mark + 1)
  if (new URLSearchParams(query).has(name))
    throw new Answer(400, 'credential', "a parameter of the query is the gateway's own")
  const own = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
  return query === '' ? `${mark < 0 ? target : target.slice(0, mark)}?${own}` : `${target}&${own}`
}

function signed({ service, keys, nowMs }: Extract<UpstreamCredential, { kind: 'aws' }>, outgoing: Outgoing): Field[] {
  const { method, origin, target, body } = outgoing
  const mark = target.indexOf('?')
  const parameters = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1))
  // A request that is signed in its query proves somebody else, or proves it twice.
  if ([...parameters.keys()].some((name) => name.toLowerCase() === 'x-amz-signature' || name === 'Signature'))
    throw new Answer(400, 'credential', 'a request that is signed in its query is not signed again')
  const fields = outgoing.fields.filter(([name]) => !awsOwn.has(name))
  if (fields.some(([name, value]) => name === 'content-encoding' && value.toLowerCase().includes('aws-chunked')))
    throw new Answer(400, 'credential', 'a body that is signed in chunks cannot be signed again')
  const headers: { [name: string]: string } = {}
  for (const [name, value] of fields)
    if (name === 'content-type' || name.startsWith('x-amz-')) {
      if (headers[name] !== undefined) throw new Answer(400, 'credential', `\`${name}\` is there twice`)
      headers[name] = value.trim()
    }
  const signature = signRequest(
    {
      method,
      url: new URL(origin + target),
      headers,
      bodyHash: bodyHash(service, origin, body),
      once: service === 's3',
    },
    keys,
    nowMs(),
    service,
  )
  return [
    ...fields.filter(([name]) => headers[name] === undefined),
    ...Object.entries(signature).map(([name, value]): Field => [name, value]),
  ]
}

/** Only S3 takes bodies whose hash is not known when they begin, and then TLS stands for it. */
function bodyHash(service: string, origin: string, body: Outgoing['body']): string {
  if (body === undefined) {
    if (service === 's3' && origin.startsWith('https:')) return 'UNSIGNED-PAYLOAD'
    throw new Answer(413, 'credential', 'a body of this length cannot be signed')
  }
  const hash = createHash('sha256')
  for (const piece of body) hash.update(piece)
  return hash.digest('hex')
}
