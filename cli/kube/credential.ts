// `sallyport kube-credential`: the exec plugin by which kubectl gets the token that the gateway knows its user by.
import { parseArgs } from 'node:util'
import { clientToken } from '../identity/client-token.ts'
import { terminalPorts } from '../identity/login.ts'
import { LoginError } from '../identity/oidc-client.ts'

const usage = `usage: sallyport kube-credential [--token REFERENCE]

  --token REFERENCE   where the token is: login:NAME, file:PATH, env:NAME or exec:COMMAND; without it SALLYPORT_TOKEN,
                      else what \`sallyport login\` kept

prints an ExecCredential for kubectl
`
const versions: readonly string[] = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']

/** Prints the credential. Exit 1 when there is none. */
export async function run(args: readonly string[]): Promise<number> {
  let reference: string | undefined
  try {
    const { values } = parseArgs({ args: [...args], options: { token: { type: 'string' }, help: { type: 'boolean' } } })
    if (values.help === true) {
      process.stdout.write(usage)
      return 0
    }
    reference = values.token
  } catch (error) {
    return wrong(error instanceof Error ? error.message : 'the command line cannot be read')
  }
  let token: string
  try {
    token = await clientToken(terminalPorts, {
      environment: process.env,
      ...(reference === undefined ? {} : { reference }),
    })
  } catch (error) {
    if (error instanceof LoginError) return wrong(error.message)
    throw error
  }
  const expires = expiryOf(token)
  const credential = {
    apiVersion: askedVersion(),
    kind: 'ExecCredential',
    status: { token, ...(expires === undefined ? {} : { expirationTimestamp: expires }) },
  }
  process.stdout.write(`${JSON.stringify(credential)}\n`)
  return 0
}

function wrong(why: string): number {
  process.stderr.write(`sallyport kube-credential: ${why}\n`)
  return 1
}

/** The version that kubectl asks for; the newest when nobody asks. */
function askedVersion(): string {
  const [newest = ''] = versions
  try {
    const info: unknown = JSON.parse(process.env['KUBERNETES_EXEC_INFO'] ?? '')
    const asked: unknown = typeof info === 'object' && info !== null ? Reflect.get(info, 'apiVersion') : undefined
    return typeof asked === 'string' && versions.includes(asked) ? asked : newest
  } catch {
    return newest
  }
}

/** When the token says that it expires; whether it is valid is the gateway's to judge. */
function expiryOf(token: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    const seconds: unknown = typeof claims === 'object' && claims !== null ? Reflect.get(claims, 'exp') : undefined
    return typeof seconds === 'number' ? new Date(seconds * 1000).toISOString() : undefined
  } catch {
    return undefined
  }
}
