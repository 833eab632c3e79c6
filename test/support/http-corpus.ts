// The corpus of raw requests (fixtures/http/requests): read, sent as bytes, and what was judged held against what the
// upstream received.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { ActionDocument } from '../../engine/action/index.ts'
import { type HttpGateway, sendRaw } from './http-gateway.ts'

/** One raw request of the corpus. */
export interface RawCase {
  readonly file: string
  readonly note: string
  /** One character a byte. */
  readonly bytes: string
  /** `METHOD target [body]` of what the upstream gets, and at the end perhaps `refused CODE`. */
  readonly want: readonly string[]
}

/** A request as an upstream understood it. */
export interface ReceivedRequest {
  readonly method: string
  /** Decoded by the upstream's own means. */
  readonly path: string
  readonly query: string
  readonly body: string
}

const folder = new URL('../../fixtures/http/requests/', import.meta.url)

/** All cases. */
export function rawCases(): readonly RawCase[] {
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const read: unknown = parse(readFileSync(new URL(file, folder), 'utf8'))
      if (!Array.isArray(read)) throw new Error(`${file} is no list`)
      return read.map((one: { note: string; bytes: string; want: string | string[] }) => ({
        file,
        note: one.note,
        bytes: one.bytes,
        want: typeof one.want === 'string' ? [one.want] : one.want,
      }))
    })
}

/** A request that follows each case on its connection: whoever reads an end elsewhere than the gateway shows it here. */
const probe = 'GET /probe HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer good\r\nConnection: close\r\n\r\n'
const probeWant = 'GET /probe'

/**
 * Sends one case and answers what is wrong, in words; nothing when all is well. `received` gives what the upstream
 * understood since it was asked last.
 */
export async function differencesOf(
  one: RawCase,
  gateway: HttpGateway,
  received: () => readonly ReceivedRequest[],
): Promise<readonly string[]> {
  gateway.judged.length = 0
  const out = await sendRaw(gateway.port, one.bytes + probe)
  const judged = gateway.judged.map(asReceived)
  const got = received()
  const wrong: string[] = []
  for (let at = 0; at < Math.max(judged.length, got.length); at++) {
    const [left, right] = [JSON.stringify(judged[at]), JSON.stringify(got[at])]
    if (left !== right) wrong.push(`judged ${left ?? 'nothing'}, received ${right ?? 'nothing'}`)
  }
  const said = saidOf(gateway.judged, out)
  const wanted = one.want.at(-1)?.startsWith('refused ') === true ? one.want : [...one.want, probeWant]
  if (JSON.stringify(said) !== JSON.stringify(wanted))
    wrong.push(`wanted ${JSON.stringify(wanted)}, was ${JSON.stringify(said)}`)
  return wrong.map((text) => `${one.file}: ${one.note}: ${text}`)
}

/** What the gateway made of a case, in the words of `want`. */
function saidOf(judged: readonly ActionDocument[], out: string): readonly string[] {
  const forwarded = judged.map(({ action }) => {
    const content = action.http?.body.value
    const body = typeof content === 'string' && content !== '' ? ` ${content}` : ''
    return `${action.text}${body}`
  })
  const refusal = /"code":"([a-z0-9_]+)"[^{]*$/.exec(out)?.[1]
  return refusal === undefined ? forwarded : [...forwarded, `refused ${refusal}`]
}

function asReceived({ action }: ActionDocument): ReceivedRequest {
  const { http } = action
  if (http === undefined) throw new Error('an action without HTTP facts')
  const query = Object.entries(http.query).flatMap(([name, values]) => values.map((value) => [name, value]))
  return {
    method: http.method,
    path: `/${http.path.join('/')}`,
    query: sortedPairs(query),
    body: http.body.sha256 === '' ? '' : http.body.sha256,
  }
}

/** Pairs of a query in one order, so that two readings can be compared. */
export function sortedPairs(pairs: readonly (readonly string[])[]): string {
  return JSON.stringify(pairs.map((pair) => pair.join('=')).sort())
}

/** The digest by which bodies are compared; empty for none. */
export function bodyDigest(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex')
}
