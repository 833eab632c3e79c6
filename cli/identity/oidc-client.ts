// The client's side of an OpenID issuer: discovery, client credentials, device flow, refresh, and the gateway's token
// exchange. What an issuer answers is bounded and never followed elsewhere.

/** Why a login did not work, in words for the person at the terminal. */
export class LoginError extends Error {}

/** Where an issuer answers. */
export interface Endpoints {
  readonly issuer: string
  readonly token: string
  readonly device: string | undefined
  readonly revocation: string | undefined
}

/** What an issuer gave. */
export interface IssuedToken {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  readonly expiresAtMs: number | undefined
}

/** What the network and the terminal give; tests give their own. */
export interface LoginPorts {
  readonly fetch: typeof fetch
  readonly nowMs: () => number
  readonly wait: (ms: number) => Promise<void>
  readonly say: (line: string) => void
}

/** Parameters of a request, in order. */
export type Form = readonly (readonly [string, string])[]

const answerMs = 15_000
const answerBytesMax = 256 * 1024
const intervalSecondsMax = 60
const deviceSecondsMax = 1800
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

/** Finds an issuer's endpoints. Its document must name it, and over TLS nothing may be in clear. */
export async function discover(ports: LoginPorts, issuer: string): Promise<Endpoints> {
  const base = issuer.endsWith('/') ? issuer.slice(0, -1) : issuer
  if (!URL.canParse(base) || !isSafe(base)) throw new LoginError('the issuer is an https URL, or http on this machine')
  const { status, body } = await ask(ports, `${base}/.well-known/openid-configuration`, { method: 'GET' })
  if (status !== 200) throw new LoginError(`the issuer answers ${status} when asked for its discovery document`)
  if (body.get('issuer') !== issuer) throw new LoginError("the issuer's discovery document names another issuer")
  const endpoint = (name: string): string | undefined => {
    const value = body.get(name)
    if (typeof value !== 'string') return undefined
    if (!URL.canParse(value) || !isSafe(value)) throw new LoginError(`the issuer's ${name} is not served over TLS`)
    return value
  }
  const token = endpoint('token_endpoint')
  if (token === undefined) throw new LoginError('the issuer has no token endpoint')
  return {
    issuer,
    token,
    device: endpoint('device_authorization_endpoint'),
    revocation: endpoint('revocation_endpoint'),
  }
}

/** Asks a token endpoint. Throws LoginError with the issuer's own words. */
export async function askToken(
  ports: LoginPorts,
  endpoint: string,
  form: Form,
  secret?: { readonly id: string; readonly secret: string },
): Promise<IssuedToken> {
  const { status, body } = await post(ports, endpoint, form, secret)
  if (status !== 200) throw new LoginError(refusalOf(body, status))
  return issuedOf(body, ports.nowMs())
}

/** The device flow (RFC 8628): says where to go with which code, and waits for the answer. */
export async function deviceLogin(
  ports: LoginPorts,
  { token, device }: Endpoints,
  clientId: string,
  more: Form,
): Promise<IssuedToken> {
  if (device === undefined) throw new LoginError('the issuer has no device flow; give `--client-secret`')
  const begun = await post(ports, device, [['client_id', clientId], ...more])
  if (begun.status !== 200) throw new LoginError(refusalOf(begun.body, begun.status))
  const code = textOf(begun.body, 'device_code')
  const userCode = textOf(begun.body, 'user_code')
  const place = textOf(begun.body, 'verification_uri')
  if (code === undefined || userCode === undefined || place === undefined)
    throw new LoginError("the issuer's device answer has no code or no address")
  ports.say(`open ${plain(place)} and enter ${plain(userCode)}`)
  const lasts = Math.min(numberOf(begun.body, 'expires_in') ?? deviceSecondsMax, deviceSecondsMax)
  const endsMs = ports.nowMs() + lasts * 1000
  let seconds = Math.min(Math.max(numberOf(begun.body, 'interval') ?? 5, 1), intervalSecondsMax)
  while (ports.nowMs() < endsMs) {
    await ports.wait(seconds * 1000)
    const { status, body } = await post(ports, token, [
      ['grant_type', deviceGrant],
      ['device_code', code],
      ['client_id', clientId],
    ])
    if (status === 200) return issuedOf(body, ports.nowMs())
    const error = textOf(body, 'error')
    if (error === 'slow_down') seconds = Math.min(seconds + 5, intervalSecondsMax)
    else if (error !== 'authorization_pending') throw new LoginError(refusalOf(body, status))
  }
  throw new LoginError('nobody answered in time')
}

/** Posts a form and answers with the JSON that came back. */
export function post(
  ports: LoginPorts,
  url: string,
  form: Form,
  secret?: { readonly id: string; readonly secret: string },
  headers: { readonly [name: string]: string } = {},
): Promise<Answered> {
  if (!URL.canParse(url) || !isSafe(url)) throw new LoginError('secrets are sent over TLS, or to this machine only')
  const formed = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+')
  const basic =
    secret === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(`${formed(secret.id)}:${formed(secret.secret)}`).toString('base64')}` }
  return ask(ports, url, {
    method: 'POST',
    headers: { ...headers, ...basic },
    body: new URLSearchParams(form.map(([name, value]): [string, string] => [name, value])),
  })
}

/** What a server answered: its status, and the fields of its JSON object. */
export interface Answered {
  readonly status: number
  readonly body: ReadonlyMap<string, unknown>
}

/** A refusal of RFC 6749 5.2 in words, without control characters. */
export function refusalOf(body: ReadonlyMap<string, unknown>, status: number): string {
  const error = textOf(body, 'error')
  const why = textOf(body, 'error_description')
  if (error === undefined) return `the server answers ${status}`
  return plain(why === undefined ? error : `${error}: ${why}`)
}

/** A text of an answer. */
export function textOf(body: ReadonlyMap<string, unknown>, name: string): string | undefined {
  const value = body.get(name)
  return typeof value === 'string' ? value : undefined
}

function numberOf(body: ReadonlyMap<string, unknown>, name: string): number | undefined {
  const value = body.get(name)
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function issuedOf(body: ReadonlyMap<string, unknown>, nowMs: number): IssuedToken {
  const accessToken = textOf(body, 'access_token')
  if (accessToken === undefined) throw new LoginError('the answer has no access token')
  if ((textOf(body, 'token_type') ?? 'bearer').toLowerCase() !== 'bearer')
    throw new LoginError('the issuer gives tokens of a type that is not supported')
  const seconds = numberOf(body, 'expires_in')
  return {
    accessToken,
    refreshToken: textOf(body, 'refresh_token'),
    expiresAtMs: seconds === undefined ? undefined : nowMs + seconds * 1000,
  }
}

async function ask(ports: LoginPorts, url: string, init: RequestInit): Promise<Answered> {
  let status: number
  let text: string
  try {
    const response = await ports.fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(answerMs) })
    status = response.status
    text = await boundedText(response)
  } catch (error) {
    if (error instanceof LoginError) throw error
    throw new LoginError(`${new URL(url).origin} cannot be reached, or sends elsewhere`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  return { status, body: new Map(Object.entries(typeof value === 'object' && value !== null ? value : {})) }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    const piece: Uint8Array = chunk
    bytes += piece.length
    if (bytes > answerBytesMax) throw new LoginError('the answer is too large')
    chunks.push(piece)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** True for https, and for http on this machine. */
function isSafe(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname))
}

/** Text of a server as a terminal may show it. */
function plain(text: string): string {
  return [...text.slice(0, 500)].map((one) => (one < ' ' || (one >= '\x7f' && one <= '\x9f') ? ' ' : one)).join('')
}
