// `sallyport kube-credential`: the exec plugin by which kubectl gets the token that the gateway knows its user by.
import { parseArgs } from 'node:util'
import { CredentialError, Credentials } from '../../proxy/identity/index.ts'

const usage = `usage: sallyport kube-credential [--token REFERENCE]

  --token REFERENCE   where the token is: file:PATH, env:NAME or exec:COMMAND; env:SALLYPORT_TOKEN when it is not said

prints an ExecCredential for kubectl
`
const defaultReference = 'env:SALLYPORT_TOKEN'
const versions: readonly string[] = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']

/** Prints the credential. Exit 1 when there is none. */
export async function run(args: readonly string[]): Promise<number> {
  let reference: string
  try {
    const { values } = parseArgs({ args: [...args], options: { token: { type: 'string' }, help: { type: 'boolean' } } })
    if (values.help === true) {
      process.stdout.write(usage)
      return 0
    }
    reference = values.token ?? defaultReference
  } catch (error) {
    return wrong(error instanceof Error ? error.message : 'the command line cannot be read')
  }
  const credentials = new Credentials({ environment: process.env, nowMs: Date.now, fetch })
  let token: string
  try {
    token = (await credentials.resolve(reference)).reveal().trim()
  } catch (error) {
    if (error instanceof CredentialError) return wrong(error.message)
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
