// `sallyport login`: a token of an OpenID issuer, by client credentials or by the device flow, kept for later commands.
import { setTimeout as later } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { defaultLogin, secretOf, withToken } from './client-token.ts'
import { askToken, deviceLogin, discover, type Form, LoginError, type LoginPorts } from './oidc-client.ts'
import { cacheFolder, keepLogin, loginNameForm } from './token-cache.ts'

const usage = `usage: sallyport login --issuer URL [options]

  --issuer URL              the issuer, as its tokens name it
  --client-id ID            how the issuer knows this client (sallyport)
  --client-secret REFERENCE where its secret is: file:PATH, env:NAME, exec:COMMAND; logs in without a person
  --scope "A B"             scopes to ask for
  --audience NAME           audience to ask for, where the issuer takes one
  --resource URI            resource to ask for (RFC 8707); repeatable
  --name NAME               name of the login (${defaultLogin})

without a secret the device flow is used: a person opens a page and enters a code. The token is kept in
$SALLYPORT_HOME/tokens or ~/.config/sallyport/tokens, mode 600; \`sallyport token\` prints it
`

/** Ports of a real terminal; words go to stderr, so that stdout holds tokens only. */
export const terminalPorts: LoginPorts = {
  fetch,
  nowMs: Date.now,
  wait: async (ms) => void (await later(ms)),
  say: (line) => process.stderr.write(`${line}\n`),
}

/** Logs in. Exit 1 when it did not work. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    const asked = read(args)
    if (asked === undefined) {
      process.stdout.write(usage)
      return 0
    }
    const file = await login(terminalPorts, process.env, asked)
    process.stderr.write(`logged in as \`${asked.name}\`; the token is kept in ${file}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof LoginError)) throw error
    process.stderr.write(`sallyport login: ${error.message}\n`)
    return 1
  }
}

/** What is asked for. */
export interface LoginAsked {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret?: string
  readonly more: Form
  readonly name: string
}

/** Logs in and keeps the token; answers with the file. Throws LoginError. */
export async function login(
  ports: LoginPorts,
  environment: { readonly [name: string]: string | undefined },
  { issuer, clientId, clientSecret, more, name }: LoginAsked,
): Promise<string> {
  const endpoints = await discover(ports, issuer)
  const issued =
    clientSecret === undefined
      ? await deviceLogin(ports, endpoints, clientId, more)
      : await askToken(ports, endpoints.token, [['grant_type', 'client_credentials'], ...more], {
          id: clientId,
          secret: await secretOf(ports, environment, clientSecret),
        })
  const kept = withToken(
    { issuer, tokenEndpoint: endpoints.token, clientId, more, ...(clientSecret === undefined ? {} : { clientSecret }) },
    issued,
  )
  return keepLogin(cacheFolder(environment), name, kept)
}

function read(args: readonly string[]): LoginAsked | undefined {
  const text = { type: 'string' } as const
  let values: ReturnType<typeof parsed>
  const parsed = () =>
    parseArgs({
      args: [...args],
      options: {
        issuer: text,
        'client-id': text,
        'client-secret': text,
        scope: text,
        audience: text,
        resource: { type: 'string', multiple: true },
        name: text,
        help: { type: 'boolean' },
      },
    }).values
  try {
    values = parsed()
  } catch (error) {
    throw new LoginError(error instanceof Error ? error.message : 'the command line cannot be read')
  }
  if (values.help === true) return undefined
  const { issuer, scope, audience, resource = [], name = defaultLogin } = values
  const secret = values['client-secret']
  if (issuer === undefined) throw new LoginError('give the `--issuer`; `sallyport login --help` says more')
  if (!loginNameForm.test(name)) throw new LoginError('`--name` is made of letters, digits, `.`, `_` and `-`')
  return {
    issuer,
    clientId: values['client-id'] ?? 'sallyport',
    ...(secret === undefined ? {} : { clientSecret: secret }),
    more: [
      ...(scope === undefined ? [] : [['scope', scope] as const]),
      ...(audience === undefined ? [] : [['audience', audience] as const]),
      ...resource.map((one) => ['resource', one] as const),
    ],
    name,
  }
}
