// Hostile HTTP: heads and bodies end in their own error or a value; a canonical request read again is itself; masked JSON
// is the same for every cut of its bytes, and what JSON.parse reads.
import { canonicalConnect, canonicalRequest, HttpRefusal, httpAction } from '../../engine/action/http/index.ts'
import { compilePaths, EventMasker, JsonMaskError, JsonMasker } from '../../engine/masking/index.ts'
import { decodeCheck } from '../../proxy/http/ext-authz/check.ts'
import { encodeBytes, ProtobufError } from '../../proxy/http/ext-authz/protobuf.ts'
import { BodyDecoder, decodeRequestHead, decodeResponseHead, HeadReader, WireError } from '../../proxy/http1/index.ts'
import { rawCases } from '../support/http-corpus.ts'
import { cut, maskReference, pathText, type ReferenceStep } from '../support/json-masking.ts'

export const name = 'http'

const hashKey = new Uint8Array(32)
const spice = [
  '%2e',
  '%2F',
  '%00',
  '%25',
  '..',
  '//',
  ';',
  '\\',
  '\r',
  '\n',
  '\r\n',
  ' ',
  '\t',
  '\0',
  '\x80',
  '\xc0\xaf',
  ':',
  ',',
  'chunked',
  'Transfer-Encoding: ',
  'Content-Length: ',
  'Host: ',
  '0',
  '1',
  'f',
  '{',
  '}',
  '"',
  '@',
  '#',
  '?',
  '&',
  '=',
  '*',
  '[',
  ']',
]

/** Until the deadline. */
export async function run(random: () => number, deadlineMs: number): Promise<{ cases: number; failures: string[] }> {
  const failures: string[] = []
  const corpus = rawCases().map(({ bytes }) => bytes)
  let cases = 0
  while ((cases === 0 || Date.now() < deadlineMs) && failures.length < 5) {
    cases += 5
    const request = mutated(pick(corpus, random), random)
    attempt(failures, 'request', request, () => checkRequest(request, random))
    const json = jsonText(random)
    attempt(failures, 'json', json, () => checkJson(json, random))
    const events = mutated(`data: ${json.replaceAll('\n', '')}\n\nevent: x\ndata: {"a":1}\r\n\r\n`, random)
    attempt(failures, 'events', events, () => checkEvents(events, random))
    const place = mutated(pick(['api.example:443', '[::1]:8443', 'a:80'], random), random)
    attempt(failures, 'tunnel', place, () => checkTunnel(place))
    const message = mutated(envoyCheck, random)
    attempt(failures, 'check', message, () => checkMessage(Buffer.from(message, 'latin1')))
  }
  return { cases, failures }
}

function attempt(failures: string[], what: string, input: string, check: () => string | undefined): void {
  let wrong: string | undefined
  try {
    wrong = check()
  } catch (error) {
    wrong = error instanceof Error ? (error.stack ?? '').slice(0, 300) : String(error)
  }
  if (wrong !== undefined) failures.push(`${what} ${JSON.stringify(input).slice(0, 400)}: ${wrong}`)
}

/** A tunnel is to one place, whose name reads the same again, or it is refused. */
function checkTunnel(target: string): string | undefined {
  try {
    const { host, port } = canonicalConnect({ method: 'CONNECT', target, fields: [['host', target]] })
    const again = canonicalConnect({ method: 'CONNECT', target: `${host}:${port}`, fields: [] })
    return again.host === host && again.port === port ? undefined : 'the place of a tunnel is read as another one'
  } catch (error) {
    if (error instanceof HttpRefusal) return undefined
    throw error
  }
}

const envoyHttp = Buffer.concat([
  encodeBytes(2, 'GET'),
  encodeBytes(3, Buffer.concat([encodeBytes(1, 'authorization'), encodeBytes(2, 'Bearer x')])),
  encodeBytes(4, '/a?b=c'),
  encodeBytes(5, 'api.example'),
])
const envoyCheck = Buffer.from(encodeBytes(1, encodeBytes(4, encodeBytes(2, envoyHttp)))).toString('latin1')

/** A message is read, or is none. */
function checkMessage(bytes: Buffer): string | undefined {
  try {
    const { headers, size } = decodeCheck(bytes)
    return headers.every((one) => one.length === 2) && Number.isFinite(size) ? undefined : 'a message is read badly'
  } catch (error) {
    if (error instanceof ProtobufError) return undefined
    throw error
  }
}

function pick<T>(from: readonly T[], random: () => number): T {
  const one = from[Math.floor(random() * from.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}

function mutated(text: string, random: () => number): string {
  let out = text
  for (let left = Math.floor(random() * 4); left > 0; left--) {
    const at = Math.floor(random() * (out.length + 1))
    const kind = random()
    if (kind < 0.6) out = out.slice(0, at) + pick(spice, random) + out.slice(at)
    else if (kind < 0.8) out = out.slice(0, at) + out.slice(at + 1 + Math.floor(random() * 4))
    else out = out.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + out.slice(at + 1)
  }
  return out
}

/** What a message in pieces is read as: its canonical form and content, or the name of the refusal. */
function reading(pieces: readonly Buffer[]): string {
  const reader = new HeadReader()
  let decoder: BodyDecoder | undefined
  let line = ''
  const content: Uint8Array[] = []
  try {
    for (const piece of pieces) {
      let rest = piece
      if (decoder === undefined) {
        const found = reader.push(rest)
        if (found === undefined) continue
        const head = decodeRequestHead(found.text)
        const request = canonicalRequest(head, 'http')
        line = `${request.method} ${request.authority.written} ${request.target}`
        const again = canonicalRequest({ ...head, target: request.target }, 'http')
        if (
          again.target !== request.target ||
          JSON.stringify(again.path.segments) !== JSON.stringify(request.path.segments)
        )
          throw new Error('a canonical request is read as another one')
        httpAction(request, { kind: 'none' })
        decoder = new BodyDecoder(head.framing, true)
        rest = found.rest
      }
      if (decoder.done) break
      if (rest.length > 0) content.push(...decoder.push(rest).content.map((one) => Uint8Array.from(one)))
    }
  } catch (error) {
    if (error instanceof WireError || error instanceof HttpRefusal) return `${line} refused ${error.code}`
    throw error
  }
  return `${line} ${Buffer.concat(content).toString('latin1')} ${decoder?.done ?? 'no head'}`
}

function checkRequest(text: string, random: () => number): string | undefined {
  const bytes = Buffer.from(text, 'latin1')
  const whole = reading([bytes])
  const parts = reading(cut(bytes, random))
  try {
    decodeResponseHead(text, 'GET')
  } catch (error) {
    if (!(error instanceof WireError)) throw error
  }
  // A refusal names what is wrong first; which of two wrongs comes first may depend on what has arrived.
  const same = whole === parts || (whole.includes(' refused ') && parts.includes(' refused '))
  return same ? undefined : `whole: ${whole.slice(0, 200)}; in pieces: ${parts.slice(0, 200)}`
}

function jsonText(random: () => number): string {
  const value = (depth: number): unknown => {
    const kind = random()
    if (depth > 4 || kind < 0.3) return pick(['x', 'a"b', '\\', 'é€😀', '', '4111111111111111', '\u2028'], random)
    if (kind < 0.45) return pick([0, -1, 1.5, 1e21, true, false, null], random)
    if (kind < 0.7) return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1))
    return Object.fromEntries(
      Array.from({ length: Math.floor(random() * 4) }, () => [
        pick(['a', 'b', 'card', 'é', ''], random),
        value(depth + 1),
      ]),
    )
  }
  const text = JSON.stringify(value(0), undefined, random() < 0.3 ? 1 : undefined)
  // As bytes carry it: half of a surrogate pair is no character.
  return random() < 0.5 ? text : Buffer.from(mutated(text, random)).toString()
}

const paths: readonly (readonly ReferenceStep[])[] = [
  ['a'],
  ['..', 'card'],
  ['*', 'a'],
  [0],
  ['a', 1, 'b'],
  ['..', 'a', '*'],
]

/** The masked text, or undefined when it was refused. */
function masked(
  make: () => { push(bytes: Buffer): Buffer; end(): Buffer },
  pieces: readonly Buffer[],
): string | undefined {
  const masker = make()
  const out: Buffer[] = []
  try {
    for (const piece of pieces) out.push(Buffer.from(masker.push(piece)))
    out.push(masker.end())
  } catch (error) {
    if (error instanceof JsonMaskError) return undefined
    throw error
  }
  return Buffer.concat(out).toString('utf8')
}

function checkJson(text: string, random: () => number): string | undefined {
  const steps = pick(paths, random)
  const bytes = Buffer.from(text)
  const state = compilePaths([{ path: pathText(steps), strategy: 'last4' }])
  if (state === undefined) return `${pathText(steps)} is not understood`
  const make = (): JsonMasker => new JsonMasker(state, { hashKey })
  const whole = masked(make, [bytes])
  if (whole !== masked(make, cut(bytes, random))) return 'another result in pieces'
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return whole === undefined ? undefined : 'passes what is not JSON'
  }
  if (whole === undefined) return 'refuses what is JSON'
  const wanted = JSON.stringify(maskReference(value, steps, 'last4', hashKey))
  return JSON.stringify(JSON.parse(whole)) === wanted ? undefined : `masked as ${whole.slice(0, 200)}`
}

function checkEvents(text: string, random: () => number): string | undefined {
  const state = compilePaths([{ path: '$.a', strategy: 'redact' }])
  if (state === undefined) return 'a path is not understood'
  const bytes = Buffer.from(text)
  const make = (): EventMasker => new EventMasker(state, [], hashKey)
  return masked(make, [bytes]) === masked(make, cut(bytes, random)) ? undefined : 'another result in pieces'
}
