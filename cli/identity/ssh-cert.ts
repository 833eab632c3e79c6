// `sallyport ssh-cert`: a key certified by the gateway for minutes, so that ssh logs in without a token in its hands.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeFolder } from '../../bundles/store/make-folder.ts'
import {
  decodeSshCertificate,
  decodeSshPublicKey,
  generateSshKey,
  parseSshLine,
  SshFormatError,
} from '../../proxy/identity/index.ts'
import { clientToken } from './client-token.ts'
import { terminalPorts } from './login.ts'
import { LoginError, type LoginPorts, post, refusalOf, textOf } from './oidc-client.ts'
import { cacheFolder, loginNameForm } from './token-cache.ts'

const usage = `usage: sallyport ssh-cert RESOURCE --gateway URL [options]

  --gateway URL        the gateway's identity listener
  --token REFERENCE    login:NAME, file:PATH, env:NAME or exec:COMMAND; without it SALLYPORT_TOKEN or the login \`default\`
  --key FILE           private key, with its FILE.pub beside it; without it one is made ($SALLYPORT_HOME/ssh/RESOURCE)
  --lifetime SECONDS   how long it counts; the gateway knows the longest
  --force              ask for another although the one that is there still counts

the certificate is written to FILE-cert.pub, where ssh finds it. In ssh_config it is renewed by itself:

  Match originalhost RESOURCE exec "sallyport ssh-cert RESOURCE --gateway URL"
`
/** A certificate with less left than this is renewed. */
const renewBeforeMs = 30_000

/** Runs `sallyport ssh-cert`. Exit 1 when there is no certificate. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    const asked = read(args)
    if (asked === undefined) {
      process.stdout.write(usage)
      return 0
    }
    const made = await certify(terminalPorts, process.env, asked)
    if (made.isNew) process.stderr.write(`${made.file} counts until ${made.until.toISOString()}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof LoginError)) throw error
    process.stderr.write(`sallyport ssh-cert: ${error.message}\n`)
    return 1
  }
}

/** What is asked for. */
export interface CertAsked {
  readonly resource: string
  readonly gateway: string
  readonly token?: string
  readonly key?: string
  readonly lifetime?: string
  readonly force: boolean
}

/** The private key of a resource where none is named. */
export function keyFile(environment: { readonly [name: string]: string | undefined }, resource: string): string {
  return join(dirname(cacheFolder(environment)), 'ssh', resource)
}

/** Has the key certified, unless its certificate still counts. Throws LoginError. */
export async function certify(
  ports: LoginPorts,
  environment: { readonly [name: string]: string | undefined },
  asked: CertAsked,
): Promise<{ readonly file: string; readonly until: Date; readonly isNew: boolean }> {
  const { resource, gateway, token, lifetime, force } = asked
  if (!loginNameForm.test(resource)) throw new LoginError('a resource is named by letters, digits, `.`, `_` and `-`')
  const key = asked.key ?? keyFile(environment, resource)
  const file = `${key}-cert.pub`
  const kept = force ? undefined : countsUntil(file, resource)
  if (kept !== undefined && kept.getTime() - renewBeforeMs > ports.nowMs()) return { file, until: kept, isNew: false }
  if (asked.key === undefined && !existsSync(key)) makeKey(key)
  const publicKey = readPublic(`${key}.pub`)
  const { status, body } = await post(
    ports,
    `${gateway.endsWith('/') ? gateway.slice(0, -1) : gateway}/ssh/certificate`,
    [
      ['public_key', publicKey],
      ['resource', resource],
      ...(lifetime === undefined ? [] : [['lifetime', lifetime] as const]),
    ],
    undefined,
    {
      authorization: `Bearer ${await clientToken(ports, { environment, ...(token === undefined ? {} : { reference: token }) })}`,
    },
  )
  const line = textOf(body, 'certificate')
  if (status !== 200 || line === undefined) throw new LoginError(refusalOf(body, status))
  const until = checkedCertificate(line, publicKey)
  replace(file, `${line}\n`)
  return { file, until, isNew: true }
}

/** An Ed25519 key in the form of OpenSSH, for its owner alone. */
function makeKey(file: string): void {
  makeFolder(dirname(file), 0o700)
  const made = generateSshKey('sallyport')
  writeFileSync(file, made.private, { mode: 0o600, flag: 'wx' })
  writeFileSync(`${file}.pub`, `${made.public}\n`, { mode: 0o644 })
}

function readPublic(file: string): string {
  try {
    const line = readFileSync(file, 'utf8').trim()
    decodeSshPublicKey(parseSshLine(line).blob)
    return line
  } catch (error) {
    throw new LoginError(error instanceof SshFormatError ? `${file}: ${error.message}` : `${file} cannot be read`)
  }
}

/** When a certificate of the answer ends; it must be one of our key. */
function checkedCertificate(line: string, publicKey: string): Date {
  try {
    const certificate = decodeSshCertificate(parseSshLine(line).blob)
    if (Buffer.from(certificate.key.blob).equals(parseSshLine(publicKey).blob))
      return new Date(Number(certificate.validBefore) * 1000)
  } catch (error) {
    if (!(error instanceof SshFormatError)) throw error
  }
  throw new LoginError('the gateway answers with something that is no certificate of this key')
}

/** When the certificate in a file ends, if there is one for the resource. */
function countsUntil(file: string, resource: string): Date | undefined {
  try {
    const { principals, validBefore } = decodeSshCertificate(parseSshLine(readFileSync(file, 'utf8')).blob)
    return principals.includes(resource) ? new Date(Number(validBefore) * 1000) : undefined
  } catch {
    return undefined
  }
}

function replace(file: string, text: string): void {
  const next = `${file}.${process.pid}`
  rmSync(next, { force: true })
  writeFileSync(next, text, { mode: 0o600, flag: 'wx' })
  renameSync(next, file)
}

function read(args: readonly string[]): CertAsked | undefined {
  const text = { type: 'string' } as const
  const parsed = () =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        gateway: text,
        token: text,
        key: text,
        lifetime: text,
        force: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
  let found: ReturnType<typeof parsed>
  try {
    found = parsed()
  } catch (error) {
    throw new LoginError(error instanceof Error ? error.message : 'the command line cannot be read')
  }
  const { help, gateway, force = false, ...more } = found.values
  if (help === true) return undefined
  const [resource, ...others] = found.positionals
  if (resource === undefined || others.length > 0) throw new LoginError('name one resource')
  if (gateway === undefined) throw new LoginError('give the `--gateway`, the URL of its identity listener')
  return { resource, gateway, force, ...more }
}
