// Tokens that `sallyport login` got, a file each, readable by their owner alone.
import { chmodSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { makeFolder } from '../../bundles/store/make-folder.ts'
import { LoginError } from './oidc-client.ts'

/** A login that is kept: what it gave, and how to get more. */
export interface KeptLogin {
  readonly issuer: string
  readonly tokenEndpoint: string
  readonly clientId: string
  /** Where the client's secret is; the secret itself is not kept. */
  readonly clientSecret?: string
  /** Parameters such as scope and audience, said again at each renewal. */
  readonly more: readonly (readonly [string, string])[]
  readonly accessToken: string
  readonly refreshToken?: string
  readonly expiresAtMs?: number
}

/** The form of a login's name. */
export const loginNameForm: RegExp = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/** The folder of kept logins. */
export function cacheFolder(environment: { readonly [name: string]: string | undefined }): string {
  const own = environment['SALLYPORT_HOME']
  if (own !== undefined && own !== '') return join(own, 'tokens')
  const config = environment['XDG_CONFIG_HOME']
  return join(config !== undefined && config !== '' ? config : join(homedir(), '.config'), 'sallyport', 'tokens')
}

/** Keeps a login: written beside its place with mode 600 and moved into it, so that no reader sees half of it. */
export function keepLogin(folder: string, name: string, login: KeptLogin): string {
  makeFolder(folder, 0o700)
  chmodSync(folder, 0o700)
  const file = fileOf(folder, name)
  const next = `${file}.${process.pid}`
  rmSync(next, { force: true })
  writeFileSync(next, `${JSON.stringify(login)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(next, file)
  return file
}

/** A kept login; undefined when there is none. One that others may read is not used. */
export function keptLogin(folder: string, name: string): KeptLogin | undefined {
  const file = fileOf(folder, name)
  const found = lstatSync(file, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  if (!found.isFile()) throw new LoginError(`${file} is not a file`)
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0)
    throw new LoginError(`${file} can be read by others; log in again, and take it for known`)
  const login = readLogin(readFileSync(file, 'utf8'))
  if (login === undefined) throw new LoginError(`${file} is not a kept login; log in again`)
  return login
}

/** Names of kept logins. */
export function keptNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json') && loginNameForm.test(name.slice(0, -5)))
      .map((name) => name.slice(0, -5))
      .sort()
  } catch {
    return []
  }
}

/** Forgets a login; false when there was none. */
export function forgetLogin(folder: string, name: string): boolean {
  const file = fileOf(folder, name)
  const known = lstatSync(file, { throwIfNoEntry: false }) !== undefined
  rmSync(file, { force: true })
  return known
}

function fileOf(folder: string, name: string): string {
  if (!loginNameForm.test(name)) throw new LoginError('a login is named by letters, digits, `.`, `_` and `-`')
  return join(folder, `${name}.json`)
}

function readLogin(text: string): KeptLogin | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const fields = new Map(Object.entries(typeof value === 'object' && value !== null ? value : {}))
  const texts = ['issuer', 'tokenEndpoint', 'clientId', 'accessToken'].map((name) => fields.get(name))
  const [issuer, tokenEndpoint, clientId, accessToken] = texts.map((one) => (typeof one === 'string' ? one : undefined))
  if (issuer === undefined || tokenEndpoint === undefined || clientId === undefined || accessToken === undefined)
    return undefined
  const [secret, refresh, expires] = [fields.get('clientSecret'), fields.get('refreshToken'), fields.get('expiresAtMs')]
  const more: unknown = fields.get('more')
  const pairs = (Array.isArray(more) ? more : []).flatMap((one: unknown): [string, string][] =>
    Array.isArray(one) && typeof one[0] === 'string' && typeof one[1] === 'string' ? [[one[0], one[1]]] : [],
  )
  return {
    issuer,
    tokenEndpoint,
    clientId,
    accessToken,
    more: pairs,
    ...(typeof secret === 'string' ? { clientSecret: secret } : {}),
    ...(typeof refresh === 'string' ? { refreshToken: refresh } : {}),
    ...(typeof expires === 'number' ? { expiresAtMs: expires } : {}),
  }
}
