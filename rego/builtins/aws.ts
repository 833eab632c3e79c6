// providers.aws.sign_req: signs a request by AWS Signature Version 4.
import { createHash, createHmac } from 'node:crypto'
import { integerOf, isArray, isObject, quote, RegoObject, type Value, writeJson } from '../value/index.ts'
import { type Builtin, operandError } from './contract.ts'
import { numberOperand, objectOperand } from './operands.ts'

const NS_PER_MS = 1_000_000n
/** Headers that a proxy may add or change on the way, and so are never signed. */
const UNSIGNED = new Set(['authorization', 'user-agent', 'x-amzn-trace-id', 'transfer-encoding'])
/** Services that want the digest of the body as a header too. */
const HASHED_SERVICES = new Set(['s3', 'glacier'])

/** The built-ins on AWS by name. */
export const aws: Readonly<Record<string, Builtin>> = {
  'providers.aws.sign_req': (_, args) => {
    const request = objectOperand(args, 1)
    checkTexts(request, 1, ['method', 'url'], 'request parameters(s)')
    const config = objectOperand(args, 2)
    checkTexts(
      config,
      2,
      ['aws_access_key', 'aws_region', 'aws_secret_access_key', 'aws_service'],
      'AWS config parameters(s)',
    )
    const unsigned = config.get('disable_payload_signing') ?? false
    if (typeof unsigned !== 'boolean')
      throw operandError(2, "invalid value for 'disable_payload_signing' in AWS config")
    const ns = integerOf(numberOperand(args, 3))
    if (ns === undefined || ns < 0n || ns >= 1n << 63n)
      throw operandError(3, 'could not convert time_ns value into a unix timestamp')
    return signed(request, config, unsigned, new Date(Number(ns / NS_PER_MS)))
  },
}

function checkTexts(object: RegoObject, position: number, names: readonly string[], what: string): void {
  const listed = (found: readonly string[]): string => `{${found.map((name) => quote(name)).join(', ')}}`
  const missing = names.filter((name) => !object.has(name))
  if (missing.length > 0) throw operandError(position, `missing required ${what}: ${listed(missing)}`)
  const wrong = names.filter((name) => typeof object.get(name) !== 'string')
  if (wrong.length > 0) throw operandError(position, `invalid values for required ${what}: ${listed(wrong)}`)
}

function text(object: RegoObject, name: string): string {
  const value = object.get(name)
  return typeof value === 'string' ? value : ''
}

function signed(request: RegoObject, config: RegoObject, isUnsigned: boolean, time: Date): Value {
  const url = urlOf(text(request, 'url'))
  const service = text(config, 'aws_service')
  const stamp = time.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = stamp.slice(0, 8)
  const bodyDigest = isUnsigned ? 'UNSIGNED-PAYLOAD' : sha256(bodyOf(request))
  const token = config.get('aws_session_token')
  const added: readonly [string, string][] = [
    ['host', url.host],
    ['x-amz-date', stamp],
    ...(HASHED_SERVICES.has(service) ? [['x-amz-content-sha256', bodyDigest] as [string, string]] : []),
    ...(typeof token === 'string' && token !== '' ? [['x-amz-security-token', token] as [string, string]] : []),
  ]
  const given = headersOf(request)
  const toSign = new Map(added)
  for (const [name, value] of given) if (!UNSIGNED.has(name.toLowerCase())) toSign.set(name.toLowerCase(), value)
  const names = [...toSign.keys()].sort()
  const list = names.join(';')
  const canonical = [
    text(request, 'method'),
    url.path,
    url.query,
    ...names.map((name) => `${name}:${toSign.get(name) ?? ''}`),
    '',
    list,
    bodyDigest,
  ].join('\n')
  const region = text(config, 'aws_region')
  const scope = `${day}/${region}/${service}/aws4_request`
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${text(config, 'aws_secret_access_key')}`,
  )
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${sha256(canonical)}`).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${text(config, 'aws_access_key')}/${scope},SignedHeaders=${list},Signature=${signature}`
  const headers = new RegoObject([...given, ...added, ['Authorization', authorization]])
  return request.with('headers', headers)
}

/** Host, path and query as the URL has them; what is no URL has none. */
function urlOf(url: string): { readonly host: string; readonly path: string; readonly query: string } {
  const [, host = '', path = '', query = ''] =
    /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?/.exec(url) ?? []
  return { host: host.slice(host.lastIndexOf('@') + 1), path, query }
}

function headersOf(request: RegoObject): readonly [string, string][] {
  const headers = request.get('headers')
  if (!isObject(headers)) return []
  return headers.keys().flatMap((name): [string, string][] => {
    const value = headers.get(name)
    if (typeof name !== 'string') return []
    if (typeof value === 'string') return [[name, value]]
    return isArray(value) ? [[name, value.filter((one) => typeof one === 'string').join(',')]] : []
  })
}

/** `raw_body` as it stands, or else `body` as JSON. */
function bodyOf(request: RegoObject): string {
  const raw = request.get('raw_body')
  if (typeof raw === 'string') return raw
  const body = request.get('body')
  return body === undefined ? '' : writeJson(body)
}

function sha256(data: string): string {
  return createHash('sha256').update(data).digest('hex')
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest()
}
