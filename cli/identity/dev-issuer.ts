// `sallyport dev-issuer`: an OpenID issuer for development on this machine. Its keys die with it.
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { type DevClient, devIssuerRefusal, devTokenSecondsMax, startDevIssuer } from '../../proxy/identity/index.ts'

const usage = `usage: sallyport dev-issuer [options]

  --listen HOST:PORT   loopback address (127.0.0.1:9099)
  --audience NAME      audience of its tokens (sallyport)
  --client SPEC        a client with a secret made at start: NAME, or NAME,kind=ci,groups=a+b,scopes=x+y; repeatable
  --lifetime SECONDS   lifetime of its tokens, ${devTokenSecondsMax} at the most

discovery, keys, client credentials and device flow; for development only: it believes everybody on this machine
`
const defaultPort = 9099
const nameForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/** Runs until a signal ends it. */
export async function run(args: readonly string[]): Promise<number> {
  let options: Options | string
  try {
    options = read(args)
  } catch (error) {
    options = error instanceof Error ? error.message : 'the command line cannot be read'
  }
  if (options === '') {
    process.stdout.write(usage)
    return 0
  }
  if (typeof options === 'string') return wrong(options)
  const { host, port, audience, clients, lifetimeSeconds } = options
  const refusal = devIssuerRefusal(host)
  if (refusal !== undefined) return wrong(refusal)
  const issuer = await startDevIssuer(port, audience, { host, clients, lifetimeSeconds })
  process.stdout.write(
    [
      `FOR DEVELOPMENT ONLY. Everybody on this machine can have a token of ${issuer.url}`,
      `  issuer    ${issuer.url}`,
      `  audience  ${issuer.audience}`,
      `  device    ${issuer.url}/device`,
      ...clients.map(({ id, secret, kind }) => `  client    ${id} (${kind}), secret ${secret}`),
      `log in:  sallyport login --issuer ${issuer.url}`,
      '',
    ].join('\n'),
  )
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done())
  })
  await issuer.close()
  return 0
}

interface Options {
  readonly host: string
  readonly port: number
  readonly audience: string
  readonly clients: readonly DevClient[]
  readonly lifetimeSeconds: number
}

/** The options; a text says what is wrong, an empty one asks for help. */
function read(args: readonly string[]): Options | string {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      listen: text,
      audience: text,
      client: { type: 'string', multiple: true },
      lifetime: text,
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) return ''
  const { listen = `127.0.0.1:${defaultPort}`, audience = 'sallyport', lifetime = String(devTokenSecondsMax) } = values
  const colon = listen.lastIndexOf(':')
  const host = listen.slice(0, colon).replace('[', '').replace(']', '')
  const port = Number(listen.slice(colon + 1))
  if (colon < 0 || !Number.isInteger(port) || port < 0 || port > 65535) return '`--listen` is HOST:PORT'
  const lifetimeSeconds = Number(lifetime)
  if (!Number.isInteger(lifetimeSeconds) || lifetimeSeconds < 1 || lifetimeSeconds > devTokenSecondsMax)
    return `\`--lifetime\` is 1 to ${devTokenSecondsMax} seconds`
  const clients: DevClient[] = []
  for (const spec of values.client ?? []) {
    const client = clientOf(spec)
    if (client === undefined) return `\`--client ${spec}\` is not NAME,kind=...,groups=...,scopes=...`
    clients.push(client)
  }
  return { host, port, audience, clients, lifetimeSeconds }
}

function clientOf(spec: string): DevClient | undefined {
  const [id = '', ...more] = spec.split(',')
  const said = new Map(
    more.map((one): [string, string] => [one.split('=', 1)[0] ?? '', one.slice(one.indexOf('=') + 1)]),
  )
  const kind = said.get('kind') ?? 'agent'
  const known = [...said.keys()].every((one) => one === 'kind' || one === 'groups' || one === 'scopes')
  if (!nameForm.test(id) || !known) return undefined
  if (kind !== 'agent' && kind !== 'ci' && kind !== 'service' && kind !== 'human') return undefined
  const texts = (name: string): readonly string[] => (said.get(name) ?? '').split('+').filter((one) => one !== '')
  return { id, secret: randomBytes(24).toString('base64url'), kind, groups: texts('groups'), scopes: texts('scopes') }
}

function wrong(why: string): number {
  process.stderr.write(`sallyport dev-issuer: ${why}\n`)
  return 1
}
