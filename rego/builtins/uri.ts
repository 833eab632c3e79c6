// uri.parse uri.is_valid: URIs as Go's net/url reads them.
import { RegoObject, type Value } from '../value/index.ts'
import { readAddress } from './address.ts'
import { type Builtin, BuiltinError } from './contract.ts'
import { stringOperand } from './operands.ts'

/** How long a URI may be. */
const URI_MAX = 1_000_000

/** The built-ins on URIs by name. */
export const uri: Readonly<Record<string, Builtin>> = {
  'uri.is_valid': (_, [text = null]) => {
    if (typeof text !== 'string') return false
    return text !== '' && typeof parse(text) !== 'string'
  },
  'uri.parse': (_, args) => {
    const text = stringOperand(args, 1)
    const parts = parse(text)
    if (typeof parts === 'string') throw new BuiltinError('eval_builtin_error', `parse ${quoted(text)}: ${parts}`)
    const entries: [Value, Value][] = Object.entries(parts).filter(([, value]) => value !== '')
    return new RegoObject(entries)
  },
}

interface Parts {
  readonly scheme: string
  readonly hostname: string
  readonly port: string
  readonly path: string
  readonly raw_path: string
  readonly raw_query: string
  readonly fragment: string
}

type Mode = 'host' | 'path' | 'user' | 'fragment'

/** The parts of a URI, or why it is none, in Go's words. */
function parse(text: string): Parts | string {
  if (text.length > URI_MAX) return 'URI too long'
  for (const char of text) if (char < ' ' || char === '\x7f') return 'net/url: invalid control character in URL'
  const hash = text.indexOf('#')
  const fragment = decode(hash < 0 ? '' : text.slice(hash + 1), 'fragment')
  const schemed = schemeOf(hash < 0 ? text : text.slice(0, hash))
  if (typeof schemed === 'string') return schemed
  const question = schemed.rest.indexOf('?')
  const query = question < 0 ? '' : schemed.rest.slice(question + 1)
  let rest = question < 0 ? schemed.rest : schemed.rest.slice(0, question)
  const { scheme } = schemed
  const made = { scheme, hostname: '', port: '', raw_query: query }
  if (typeof fragment === 'object') return fragment.error
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...made, path: '', raw_path: '', fragment }
    if ((rest.split('/', 1)[0] ?? '').includes(':')) return 'first path segment in URL cannot contain colon'
  }
  let authority: Pick<Parts, 'hostname' | 'port'> = made
  if (rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'))) {
    const slash = rest.indexOf('/', 2)
    const read = authorityOf(slash < 0 ? rest.slice(2) : rest.slice(2, slash))
    if (typeof read === 'string') return read
    authority = read
    rest = slash < 0 ? '' : rest.slice(slash)
  }
  const path = decode(rest, 'path')
  if (typeof path === 'object') return path.error
  // As written, unless that is just how the path would be written.
  const rawPath = escapePath(path) === rest ? path : rest
  const { hostname, port } = authority
  return { ...made, hostname, port, path, raw_path: rawPath, fragment }
}

function schemeOf(text: string): { readonly scheme: string; readonly rest: string } | string {
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (/[A-Za-z]/.test(char)) continue
    if (/[0-9+.-]/.test(char)) {
      if (at === 0) break
      continue
    }
    if (char !== ':') break
    if (at === 0) return 'missing protocol scheme'
    return { scheme: text.slice(0, at).toLowerCase(), rest: text.slice(at + 1) }
  }
  return { scheme: '', rest: text }
}

function authorityOf(text: string): Pick<Parts, 'hostname' | 'port'> | string {
  const at = text.lastIndexOf('@')
  const user = at < 0 ? '' : text.slice(0, at)
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) return 'net/url: invalid userinfo'
  const userinfo = decode(user, 'user')
  if (typeof userinfo === 'object') return userinfo.error
  const host = at < 0 ? text : text.slice(at + 1)
  const bracket = host.startsWith('[') ? host.lastIndexOf(']') : -1
  if (host.startsWith('[') && bracket < 0) return "missing ']' in host"
  if (bracket >= 0 && !isAddress(host.slice(1, bracket))) return 'invalid IP-literal'
  const colon = bracket >= 0 ? bracket + 1 : host.lastIndexOf(':')
  const portText = colon < 0 ? '' : host.slice(colon)
  if (!/^(?::[0-9]*)?$/.test(portText)) return `invalid port ${quoted(portText)} after host`
  const name = decode(colon < 0 ? host : host.slice(0, colon), 'host')
  if (typeof name === 'object') return name.error
  return {
    hostname: name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name,
    port: portText.slice(1),
  }
}

/** Whether brackets hold an address of IPv6, with or without a zone. */
function isAddress(text: string): boolean {
  const zone = text.indexOf('%25')
  const address = zone < 0 ? text : text.slice(0, zone)
  return zone + '%25'.length < text.length && address.includes(':') && readAddress(address) !== undefined
}

/** Undoes percent encoding; an object with the error where it is not allowed. */
function decode(text: string, mode: Mode): string | { readonly error: string } {
  const bytes: number[] = []
  const source = Buffer.from(text, 'utf8')
  for (let at = 0; at < source.length; at++) {
    const byte = source[at] ?? 0
    if (byte === 0x25) {
      const code = source.toString('latin1', at, at + 3)
      if (!/^%[0-9A-Fa-f]{2}$/.test(code))
        return { error: `invalid URL escape ${quoted(source.toString('utf8', at, at + 3))}` }
      const value = Number.parseInt(code.slice(1), 16)
      // A host only has bytes beyond ASCII encoded, and the `%` before a zone.
      if (mode === 'host' && value < 0x80 && code !== '%25') return { error: `invalid URL escape ${quoted(code)}` }
      bytes.push(value)
      at += 2
      continue
    }
    if (mode === 'host' && byte < 0x80 && !/[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/.test(String.fromCharCode(byte)))
      return { error: `invalid character ${quoted(String.fromCharCode(byte))} in host name` }
    bytes.push(byte)
  }
  return Buffer.from(bytes).toString('utf8')
}

function escapePath(path: string): string {
  let text = ''
  for (const byte of Buffer.from(path, 'utf8')) {
    const char = String.fromCharCode(byte)
    text +=
      byte < 0x80 && /[A-Za-z0-9\-_.~$&+,/:;=@]/.test(char)
        ? char
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return text
}

function quoted(text: string): string {
  return JSON.stringify(text)
}
