// Hostile bytes for Kubernetes: requests, bodies, frames and answers end in a value or in their own error.
import { analyzeKube } from '../../engine/action/kube/index.ts'
import { parseJsonPath } from '../../proxy/kubernetes/response/json-path.ts'
import { ListAnswer } from '../../proxy/kubernetes/response/list-answer.ts'
import { AnswerError, ObjectMasker } from '../../proxy/kubernetes/response/object-masker.ts'
import { encodeFrame, SpdyReader, SpdyWriter, WebSocketReader, WireError } from '../../proxy/kubernetes/wire/index.ts'

export const name = 'kube'

const targets = [
  '/api/v1/namespaces/a/pods/b/exec?command=ls&tty=true',
  '/apis/apps/v1/deployments?labelSelector=a%3Db&watch=1',
  '/api/v1/nodes/n/proxy/run/a?x=y',
]
const bodies = [
  '{"kind":"Pod","spec":{"containers":[{"image":"a","securityContext":{"privileged":true}}]}}',
  'kind: Pod\nspec: &a {hostNetwork: yes, b: *a}\n',
  '[{"op":"add","path":"/spec/containers/0","value":{"image":"x"}}]',
]
const contentTypes = [
  'application/json',
  'application/yaml',
  'application/json-patch+json',
  'application/vnd.kubernetes.protobuf',
]
const hidden = 'c2VjcmV0'
const protobuf = Buffer.from(
  '6b3873000a0f0a0862617463682f763112034a6f621286010a150a016a12001a0473686f7022002a00320038004200126332610a100a0012001a0022002a00320038004200124d122a0a016a120762757379626f781a046563686f1a0268692a0042006a007200800100880100900100a201001a054e65766572320042004a0052005800600068008201008a01009a0100c201001a082000280030003a001a002200',
  'hex',
)
const list = `{"kind":"SecretList","metadata":{"remainingItemCount":1},"items":[{"data":{"p":"${hidden}"}},{"data":{"q":"${hidden}"}}]}`

/** Feeds mutated bytes to everything that reads them until the deadline. */
export async function run(random: () => number, deadlineMs: number): Promise<{ cases: number; failures: string[] }> {
  const failures: string[] = []
  let cases = 0
  const attempt = (what: string, bytes: Buffer, work: () => void): void => {
    cases++
    try {
      work()
    } catch (error) {
      if (!(error instanceof WireError) && !(error instanceof AnswerError))
        failures.push(`${what}: ${String(error)} for ${bytes.toString('hex').slice(0, 400)}`)
    }
  }
  const writer = new SpdyWriter()
  const spdy = Buffer.concat([
    writer.encode({ kind: 'syn_stream', stream: 1, fin: false, headers: [['streamtype', 'stdin']] }),
    writer.encode({ kind: 'data', stream: 1, fin: true, bytes: Buffer.from('x') }),
  ])
  while ((cases === 0 || Date.now() < deadlineMs) && failures.length < 10) {
    const target = mutated(Buffer.from(pick(targets, random)), random)
    const body = mutated(random() < 0.3 ? protobuf : Buffer.from(pick(bodies, random)), random)
    attempt('request', target, () => {
      const headers = [['content-type', pick(contentTypes, random)]] as const
      const result = analyzeKube({
        method: pick(['GET', 'POST', 'PATCH', 'DELETE'], random),
        target: target.toString('latin1'),
        headers,
        body,
      })
      if (result.kind === 'refusal') return
      if (result.facts.complete !== (result.facts.reasons.length === 0))
        throw new Error('complete and its reasons disagree')
      const again = analyzeKube({
        method: result.forward.method,
        target: result.forward.target,
        headers,
        body: result.forward.body,
      })
      if (again.kind === 'refusal' || JSON.stringify(again.facts) !== JSON.stringify(result.facts))
        throw new Error('what is forwarded reads otherwise')
    })
    const frame = mutated(encodeFrame('message', body, true), random)
    attempt('websocket', frame, () => void new WebSocketReader(true).push(frame))
    const frames = mutated(spdy, random)
    attempt('spdy', frames, () => void new SpdyReader().push(frames))
    await answer(mutated(Buffer.from(list), random), attempt)
  }
  return { cases, failures }
}

/** A mutated list, masked: what comes out never holds a value that stands in `data` of an element. */
async function answer(bytes: Buffer, attempt: (what: string, bytes: Buffer, work: () => void) => void): Promise<void> {
  const path = parseJsonPath('$.data.*') ?? []
  const terms = {
    paths: [{ text: 'data', path, strategy: 'redact' }],
    detect: [],
    filters: [],
    counts: false,
    encoded: new Set<string>(),
    tables: true,
    place: '/api/v1/pods',
    hidesFailures: false,
    metadataOnly: true,
  }
  const stream = new ListAnswer(terms, new ObjectMasker(terms, Buffer.from('k')), Buffer.from('k'), () => true)
  let out = ''
  let failed: unknown
  stream.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  await new Promise<void>((resolve) => {
    stream.on('error', (error) => {
      failed = error
      resolve()
    })
    stream.on('end', resolve)
    stream.end(bytes)
  })
  attempt('answer', bytes, () => {
    if (failed !== undefined) throw failed
    // Where the mutation left the list what it was, nothing of the values may be seen.
    const parsed: unknown = JSON.parse(out)
    const items: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'items') : undefined
    if (!Array.isArray(items)) return
    for (const item of items) {
      const data: unknown = typeof item === 'object' && item !== null ? Reflect.get(item, 'data') : undefined
      if (JSON.stringify(data ?? null).includes(hidden)) throw new Error('a masked value came out')
    }
  })
}

function pick<T>(from: readonly [T, ...T[]] | readonly T[], random: () => number): T {
  const found = from[Math.floor(random() * from.length)]
  if (found === undefined) throw new Error('nothing to pick from')
  return found
}

function mutated(bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes)
  const changes = Math.floor(random() * 4)
  for (let change = 0; change < changes; change++) copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256)
  return random() < 0.2 ? copy.subarray(0, Math.floor(random() * copy.length)) : copy
}
