// `sallyport token`: prints the token of a login, exchanges one for a nested agent's, ends one before its time, and shows
// what is inside one.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { jsonShown } from '../sessions/transcript.ts'
import { clientToken } from './client-token.ts'
import { terminalPorts } from './login.ts'
import { askToken, discover, type Form, LoginError, type LoginPorts, post, refusalOf } from './oidc-client.ts'
import { cacheFolder, forgetLogin, keptNames } from './token-cache.ts'

const usage = `usage: sallyport token [print] [--token REFERENCE]
       sallyport token exchange --gateway URL (--child NAME | --actor REFERENCE) [options]
       sallyport token revoke --gateway URL [--token REFERENCE]
       sallyport token inspect [--token REFERENCE | -]
       sallyport token list
       sallyport token forget NAME

  --token REFERENCE   login:NAME, file:PATH, env:NAME or exec:COMMAND; without it SALLYPORT_TOKEN or the login \`default\`
  --gateway URL       the gateway's identity listener, as its tokens name it
  --child NAME        the nested agent, named below its parent
  --actor REFERENCE   the nested agent's own token
  --scope "A B"       scopes that it gets; without it all of the parent's
  --resource NAME     resource that it may reach; repeatable; without it all of the parent's
  --lifetime SECONDS  how long it lives

revoke ends the token, everything that came from it, and their live sessions, at every gateway of the storage
inspect shows what a token says and verifies nothing; it leaves out the signature
`
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'
const accessToken = 'urn:ietf:params:oauth:token-type:access_token'
const tokenCharsMax = 64 * 1024

/** Runs `sallyport token`. Exit 1 when there is no token, 2 for wrong usage. */
export async function run(args: readonly string[]): Promise<number> {
  const [first = 'print'] = args
  const verb = first.startsWith('--') ? 'print' : first
  const rest = first.startsWith('--') ? args : args.slice(1)
  try {
    const { values, positionals } = read(rest)
    if (values.help === true) {
      process.stdout.write(usage)
      return 0
    }
    return await runVerb(verb, values, positionals)
  } catch (error) {
    if (!(error instanceof LoginError)) throw error
    process.stderr.write(`sallyport token: ${error.message}\n`)
    return 1
  }
}

async function runVerb(verb: string, values: Values, positionals: readonly string[]): Promise<number> {
  const place = { environment: process.env, ...(values.token === undefined ? {} : { reference: values.token }) }
  const folder = cacheFolder(process.env)
  switch (verb) {
    case 'print':
      if (positionals.length > 0) break
      process.stdout.write(`${await clientToken(terminalPorts, place)}\n`)
      return 0
    case 'exchange':
      if (positionals.length > 0) break
      process.stdout.write(`${await exchangeToken(terminalPorts, values)}\n`)
      return 0
    case 'revoke':
      if (positionals.length > 0) break
      await revokeToken(terminalPorts, values)
      process.stderr.write('the token counts no more, nor does anything that came from it\n')
      return 0
    case 'inspect': {
      if (positionals.length > 1 || (positionals.length === 1 && positionals[0] !== '-')) break
      const token = positionals[0] === '-' ? readFileSync(0, 'utf8').trim() : await clientToken(terminalPorts, place)
      process.stdout.write(`${jsonShown(inspectToken(token, Date.now()))}\n`)
      process.stderr.write('nothing of this was verified\n')
      return 0
    }
    case 'list':
      for (const name of keptNames(folder)) process.stdout.write(`${name}\n`)
      return 0
    case 'forget': {
      const [name] = positionals
      if (name === undefined || positionals.length > 1) break
      if (forgetLogin(folder, name)) return 0
      throw new LoginError(`there is no login \`${name}\``)
    }
  }
  process.stderr.write(usage)
  return 2
}

interface Values {
  readonly token?: string
  readonly gateway?: string
  readonly child?: string
  readonly actor?: string
  readonly scope?: string
  readonly resource?: readonly string[]
  readonly lifetime?: string
  readonly help?: boolean
}

function read(args: readonly string[]): { readonly values: Values; readonly positionals: readonly string[] } {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        token: text,
        gateway: text,
        child: text,
        actor: text,
        scope: text,
        resource: { type: 'string', multiple: true },
        lifetime: text,
        help: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new LoginError(error instanceof Error ? error.message : 'the command line cannot be read')
  }
}

/** A nested agent's token by the gateway's exchange (RFC 8693). */
async function exchangeToken(ports: LoginPorts, values: Values): Promise<string> {
  const { token, gateway, child, actor, scope, resource = [], lifetime } = values
  if (gateway === undefined) throw new LoginError('give the `--gateway`, the issuer of its exchange')
  if ((child === undefined) === (actor === undefined)) throw new LoginError('give either `--child` or `--actor`')
  const environment = process.env
  const subject = await clientToken(ports, { environment, ...(token === undefined ? {} : { reference: token }) })
  const acting: Form =
    actor === undefined
      ? [['child', child ?? '']]
      : [
          ['actor_token', await clientToken(ports, { environment, reference: actor })],
          ['actor_token_type', accessToken],
        ]
  const { token: endpoint } = await discover(ports, gateway)
  const issued = await askToken(ports, endpoint, [
    ['grant_type', exchangeGrant],
    ['subject_token', subject],
    ['subject_token_type', accessToken],
    ...acting,
    ...(scope === undefined ? [] : [['scope', scope] as const]),
    ...resource.map((one) => ['resource', one] as const),
    ...(lifetime === undefined ? [] : [['lifetime', lifetime] as const]),
  ])
  return issued.accessToken
}

/** Ends a token at the gateway (RFC 7009). */
async function revokeToken(ports: LoginPorts, { gateway, token }: Values): Promise<void> {
  if (gateway === undefined) throw new LoginError('give the `--gateway`, the issuer of its exchange')
  const place = { environment: process.env, ...(token === undefined ? {} : { reference: token }) }
  const revoked = await clientToken(ports, place)
  const { revocation } = await discover(ports, gateway)
  if (revocation === undefined) throw new LoginError('the gateway has no place to revoke tokens at')
  const { status, body } = await post(ports, revocation, [['token', revoked]])
  if (status !== 200) throw new LoginError(refusalOf(body, status))
}

/** Header and claims of a token, with its times in words. Throws LoginError for what is no JWT. */
export function inspectToken(token: string, nowMs: number): object {
  const parts = token.split('.')
  if (token.length > tokenCharsMax || parts.length !== 3)
    throw new LoginError('this is no JWT; it cannot be looked into')
  const header = objectOf(parts[0] ?? '')
  const claims = objectOf(parts[1] ?? '')
  const at = (name: string): string | undefined => {
    const seconds: unknown = Reflect.get(claims, name)
    if (typeof seconds !== 'number' || !(Math.abs(seconds) < 1e11)) return undefined
    return `${new Date(seconds * 1000).toISOString()} (${Math.round(seconds - nowMs / 1000)} s from now)`
  }
  const times = Object.fromEntries(
    ['iat', 'nbf', 'exp'].map((name) => [name, at(name)] as const).filter(([, value]) => value !== undefined),
  )
  return { header, claims, times }
}

function objectOf(part: string): object {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Told below.
  }
  throw new LoginError('this is no JWT; it cannot be looked into')
}
