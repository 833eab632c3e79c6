// `sallyport analyze http`: what a raw request means, as policies would see it, or why it has no one meaning.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  type AnswerHead,
  answerAction,
  canonicalRequest,
  HttpRefusal,
  httpAction,
} from '../../engine/action/http/index.ts'
import { BodyDecoder, decodeRequestHead, decodeResponseHead, HeadReader, WireError } from '../../proxy/http1/index.ts'

const usage = `usage: sallyport analyze http [--https] [--response ANSWER] [FILE]

  Reads the bytes of one HTTP/1.1 request from FILE or standard input. With --response, also the head of the answer
  in the file ANSWER: what is shown then is what rules on answers see.
`

/** Runs `sallyport analyze http`. Exit 0 understood, 2 refused, 1 wrong usage. */
export function run(args: readonly string[]): number {
  let file: string | undefined
  let isHttps: boolean
  let answer: string | undefined
  try {
    const parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { https: { type: 'boolean' }, response: { type: 'string' } },
    })
    answer = parsed.values.response
    isHttps = parsed.values.https ?? false
    if (parsed.positionals.length > 1) throw new TypeError('one file')
    file = parsed.positionals[0]
  } catch {
    process.stderr.write(usage)
    return 1
  }
  try {
    process.stdout.write(
      `${JSON.stringify(facts(readFileSync(file ?? 0), isHttps, answer === undefined ? undefined : readFileSync(answer)), null, 2)}\n`,
    )
    return 0
  } catch (error) {
    if (!(error instanceof WireError) && !(error instanceof HttpRefusal)) throw error
    process.stdout.write(`${JSON.stringify({ error: { code: error.code, message: error.message } }, null, 2)}\n`)
    return 2
  }
}

function facts(bytes: Buffer, isHttps: boolean, answer: Buffer | undefined): object {
  const found = new HeadReader().push(bytes)
  if (found === undefined) throw new WireError('truncated', 'the head of the request does not end')
  const head = decodeRequestHead(found.text)
  const request = canonicalRequest(head, isHttps ? 'https' : 'http')
  const decoder = new BodyDecoder(head.framing, true)
  const { content } = decoder.push(found.rest)
  if (!decoder.done) throw new WireError('truncated', 'the body of the request does not end')
  const whole = Buffer.concat(content)
  const asked = httpAction(request, head.framing.kind === 'none' ? { kind: 'none' } : { kind: 'whole', bytes: whole })
  const { verb, operation, text, http } =
    answer === undefined ? asked : answerAction(asked, request, answerHead(answer, request.method))
  return { verb, operation, text, ...http }
}

function answerHead(bytes: Buffer, method: string): AnswerHead {
  const found = new HeadReader().push(bytes)
  if (found === undefined) throw new WireError('truncated', 'the head of the answer does not end')
  const { status, fields, framing } = decodeResponseHead(found.text, method)
  const length = framing.kind === 'none' ? 0 : framing.kind === 'length' ? framing.bytes : -1
  return { status, fields, bytes: length, decision: '' }
}
