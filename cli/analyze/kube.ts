// `sallyport analyze kube`: the facts that policies would see of Kubernetes API requests, as JSON.
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { analyzeKube } from '../../engine/action/kube/index.ts'
import { parseRequestText, type RequestText } from './request-text.ts'

const usage = `usage: sallyport analyze kube [options] [REQUEST]

  REQUEST is a request line (GET /api/v1/pods), and may go on with headers, an empty line and a body

  --header 'NAME: VALUE'  one more header; may be repeated
  --body TEXT       the body; --body-file FILE reads it, in protobuf too
  --file FILE       the whole request from a file
  --lines           JSON Lines on standard input: {"id", "request" or "text", "headers", "body" or "body_base64"};
                    one JSON object a line out
`

/** Runs the analyzer for one request or many lines. Exit 2 for a request that would be refused unread. */
export async function run(args: readonly string[]): Promise<number> {
  let parsed: ReturnType<typeof read>
  try {
    parsed = read(args)
  } catch (error) {
    return wrong(error instanceof Error ? error.message : 'the command line cannot be read')
  }
  const { values, positionals } = parsed
  if (values.help === true) {
    process.stdout.write(usage)
    return 0
  }
  if (values.lines === true) {
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY }))
      if (line.trim() !== '') process.stdout.write(`${JSON.stringify(factsOfLine(line))}\n`)
    return 0
  }
  for (const file of [values.file, values['body-file']])
    if (file !== undefined && !existsSync(file)) return wrong(`there is no file ${file}`)
  const text = values.file === undefined ? positionals[0] : readFileSync(values.file, 'utf8')
  if (text === undefined || positionals.length > 1) return wrong('give one request, --file or --lines')
  const request = withHeaders(text, values.header ?? [])
  if (request === undefined) return wrong('the request cannot be read')
  // Bytes, since a body in protobuf is no text.
  const body = values['body-file'] === undefined ? values.body : readFileSync(values['body-file'])
  const facts = factsOf(request, Buffer.from(body ?? request.body))
  process.stdout.write(`${JSON.stringify(facts, null, 2)}\n`)
  return 'error' in facts ? 2 : 0
}

function read(args: readonly string[]): {
  readonly values: {
    readonly file?: string
    readonly body?: string
    readonly 'body-file'?: string
    readonly header?: string[]
    readonly lines?: boolean
    readonly help?: boolean
  }
  readonly positionals: readonly string[]
} {
  return parseArgs({
    args: [...args],
    options: {
      file: { type: 'string' },
      body: { type: 'string' },
      'body-file': { type: 'string' },
      header: { type: 'string', multiple: true },
      lines: { type: 'boolean' },
      help: { type: 'boolean' },
    },
    allowPositionals: true,
  })
}

function wrong(why: string): number {
  process.stderr.write(`sallyport analyze: ${why}\n${usage}`)
  return 1
}

/** The request of a text with more headers than stand in it. */
function withHeaders(text: string, lines: readonly string[]): RequestText | undefined {
  const first = parseRequestText(text)
  const more = parseRequestText(['GET /', ...lines].join('\n'))
  return first === undefined || more === undefined
    ? undefined
    : { ...first, headers: [...first.headers, ...more.headers] }
}

function factsOfLine(line: string): object {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { id: null, complete: false, error: { code: 'bad_line', message: 'the line is not JSON' } }
  }
  const fields = new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : [])
  const id = fields.get('id') ?? null
  const text = fields.get('request') ?? fields.get('text')
  const request = typeof text === 'string' ? parseRequestText(text) : undefined
  if (request === undefined) return { id, complete: false, error: { code: 'bad_line', message: 'there is no request' } }
  const { headers, body } = request
  const given = fields.get('headers')
  const more = typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.entries(given) : []
  const whole = {
    ...request,
    headers: [...headers, ...more.map(([name, one]): [string, string] => [name, String(one)])],
  }
  const encoded = fields.get('body_base64')
  if (typeof encoded === 'string') return { id, ...factsOf(whole, Buffer.from(encoded, 'base64')) }
  const stated = fields.get('body')
  const stands =
    stated === undefined || stated === null ? body : typeof stated === 'string' ? stated : JSON.stringify(stated)
  return { id, ...factsOf(whole, Buffer.from(stands)) }
}

function factsOf(request: RequestText, body: Uint8Array): object {
  const result = analyzeKube({ ...request, body })
  if (result.kind === 'refusal') return { complete: false, error: { code: result.code, message: result.message } }
  const { facts, verb, operation, text } = result
  return { verb, operation, text, complete: facts.complete, kube: facts }
}
