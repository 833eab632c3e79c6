// HashiCorp Vault over its HTTP API: fields of secrets (KV and leased ones), and the SSH engine, which signs a key that is
// made here or gives a password that counts once. The gateway logs in by VAULT_TOKEN or by its Kubernetes service account.
import { readFile } from 'node:fs/promises'
import { boundedBody } from '../../bundles/source/bounded-body.ts'
import type { UpstreamSecret } from './contract.ts'
import { CredentialError, type CredentialPorts, jsonObject, objectAt, secretOf, textAt } from './secret.ts'
import { decodeSshCertificate } from './ssh-certificate.ts'
import { generateSshKey, parseSshLine, SshFormatError } from './ssh-keys.ts'

const answerMs = 10_000
/** What Vault keeps under one name has a mebibyte at the most. */
const answerBytesMax = 2 * 1024 * 1024
/** Part of a login's life after which the gateway logs in again. */
const loginAgainAt = 0.8
const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token'

interface Login {
  readonly token: string
  readonly againAtMs: number
}

/** One Vault, as the environment names it. */
export class Vault {
  readonly #ports: CredentialPorts
  #login: Login | undefined

  constructor(ports: CredentialPorts) {
    this.#ports = ports
  }

  /** `PATH#FIELD`: a field of a secret, KV version 1 and 2, and leased ones such as database credentials. */
  async secret(rest: string): Promise<UpstreamSecret> {
    const [path = '', field = 'value'] = rest.split('#', 2)
    const askedAtMs = this.#ports.nowMs()
    const document = await this.#ask(path)
    const data = objectAt(document, 'data')
    const secret = textAt(objectAt(data, 'data'), field) ?? textAt(data, field)
    if (secret === undefined) throw new CredentialError('unreadable', `the Vault secret ${path} has no \`${field}\``)
    const lease: unknown = Reflect.get(document, 'lease_duration')
    return secretOf(secret, typeof lease === 'number' && lease > 0 ? askedAtMs + lease * 1000 : undefined)
  }

  /** `MOUNT/ROLE#PRINCIPAL`: a key made here and the SSH engine's certificate of it, in one text. */
  async sshCertificate(rest: string): Promise<UpstreamSecret> {
    const [path, principal] = rest.split('#', 2)
    const [mount, role] = mountAndRole(path)
    const key = generateSshKey()
    const document = await this.#ask(`${mount}/sign/${role}`, {
      public_key: key.public,
      cert_type: 'user',
      ...(principal === undefined || principal === '' ? {} : { valid_principals: principal }),
    })
    const line = textAt(objectAt(document, 'data'), 'signed_key')?.trim()
    if (line === undefined) throw new CredentialError('unreadable', `Vault gave no certificate for ${role}`)
    try {
      const certificate = decodeSshCertificate(parseSshLine(line).blob)
      const own = parseSshLine(key.public).blob
      if (certificate.type !== 'user' || !Buffer.from(certificate.key.blob).equals(own))
        throw new SshFormatError('of another key')
      return secretOf(`${key.private.trimEnd()}\n${line}\n`, Number(certificate.validBefore) * 1000)
    } catch (error) {
      if (!(error instanceof SshFormatError)) throw error
      throw new CredentialError('unreadable', `Vault gave something that is no certificate for ${role}`)
    }
  }

  /** `MOUNT/ROLE#ADDRESS`: a password that the host of that address takes once; never kept. */
  async sshOneTime(rest: string): Promise<UpstreamSecret> {
    const [path, ip = ''] = rest.split('#', 2)
    const [mount, role] = mountAndRole(path)
    const document = await this.#ask(`${mount}/creds/${role}`, { ip })
    const password = textAt(objectAt(document, 'data'), 'key')
    if (password === undefined) throw new CredentialError('unreadable', `Vault gave no password for ${role}`)
    return secretOf(password, undefined)
  }

  /** The answer at a path; with a body it is written to. Errors hold nothing of what Vault said. */
  async #ask(path: string, body?: object): Promise<object> {
    const token = await this.#token()
    const { status, document } = await this.#send(path, body, token)
    // A login that was revoked before its time is forgotten, so that the next asks anew.
    if (status === 403) this.#login = undefined
    if (status !== 200) throw new CredentialError('unreadable', `Vault answered ${status} for ${path}`)
    return document ?? {}
  }

  async #send(
    path: string,
    body: object | undefined,
    token: string | undefined,
  ): Promise<{ readonly status: number; readonly document: object | undefined }> {
    const { environment, fetch } = this.#ports
    const address = environment['VAULT_ADDR']
    if (address === undefined) throw new CredentialError('unreadable', 'Vault is found by VAULT_ADDR, which is not set')
    const segments = path.split('/')
    if (segments.some((one) => one === '' || one === '.' || one === '..'))
      throw new CredentialError('unreadable', 'the path of a Vault secret has an empty or dotted part')
    const namespace = environment['VAULT_NAMESPACE']
    try {
      const response = await fetch(new URL(`/v1/${segments.map(encodeURIComponent).join('/')}`, address), {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          ...(token === undefined ? {} : { 'x-vault-token': token }),
          ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'error',
        signal: AbortSignal.timeout(answerMs),
      })
      return {
        status: response.status,
        document: jsonObject((await boundedBody(response, answerBytesMax)).toString('utf8')),
      }
    } catch {
      throw new CredentialError('unreadable', 'Vault cannot be reached')
    }
  }

  /** VAULT_TOKEN, or a login by the service account where VAULT_ROLE names its role. */
  async #token(): Promise<string> {
    const { environment, nowMs } = this.#ports
    const given = environment['VAULT_TOKEN']
    if (given !== undefined && given !== '') return given
    const role = environment['VAULT_ROLE']
    if (role === undefined || role === '')
      throw new CredentialError(
        'unreadable',
        'Vault is entered by VAULT_TOKEN or VAULT_ROLE, and VAULT_ADDR says where',
      )
    if (this.#login !== undefined && nowMs() < this.#login.againAtMs) return this.#login.token
    const file = environment['VAULT_JWT_FILE'] ?? serviceAccountToken
    const jwt = await readFile(file, 'utf8').catch(() => {
      throw new CredentialError('unreadable', `the file ${file} cannot be read`)
    })
    const askedAtMs = nowMs()
    const mount = environment['VAULT_AUTH_PATH'] ?? 'kubernetes'
    const { status, document } = await this.#send(`auth/${mount}/login`, { role, jwt: jwt.trim() }, undefined)
    const auth = objectAt(document, 'auth')
    const token = textAt(auth, 'client_token')
    if (status !== 200 || token === undefined)
      throw new CredentialError('unreadable', `Vault answered ${status} to the login of the role ${role}`)
    const lasts: unknown = auth === undefined ? 0 : Reflect.get(auth, 'lease_duration')
    const lastsMs = typeof lasts === 'number' && lasts > 0 ? lasts * 1000 : 0
    this.#login = { token, againAtMs: askedAtMs + lastsMs * loginAgainAt }
    return token
  }
}

function mountAndRole(path = ''): readonly [string, string] {
  const slash = path.lastIndexOf('/')
  if (slash <= 0 || slash === path.length - 1)
    throw new CredentialError('unreadable', "Vault's SSH engine is asked for as MOUNT/ROLE")
  return [path.slice(0, slash), path.slice(slash + 1)]
}
