// `sallyport connect kubernetes`: a kubeconfig by which kubectl reaches a cluster through the gateway.
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { stringify } from 'yaml'

const usage = `usage: sallyport connect kubernetes --server URL --cluster NAME [options]

  --server URL        the gateway's Kubernetes listener, such as https://gateway.example:6443
  --cluster NAME      name of the resource
  --token REFERENCE   where the token is: login:NAME, file:PATH, env:NAME or exec:COMMAND; without it SALLYPORT_TOKEN,
                      else what \`sallyport login\` kept
  --ca FILE           PEM file of the authority of the gateway's certificate
  --namespace NAME    namespace that kubectl starts in

prints a kubeconfig
`
const nameForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/** Prints the kubeconfig. */
export async function run(args: readonly string[]): Promise<number> {
  const [what, ...rest] = args
  if (what === '--help') {
    process.stdout.write(usage)
    return 0
  }
  if (what !== 'kubernetes') return wrong(`there is nothing to connect to by \`${what ?? ''}\``)
  let values: Values
  try {
    values = read(rest)
  } catch (error) {
    return wrong(error instanceof Error ? error.message : 'the command line cannot be read')
  }
  const { server, cluster, ca } = values
  if (server === undefined || !URL.canParse(server)) return wrong('give the `--server` of the gateway as a URL')
  if (cluster === undefined || !nameForm.test(cluster)) return wrong('give the name of the `--cluster`')
  if (ca !== undefined && !existsSync(ca)) return wrong(`there is no file ${ca}`)
  process.stdout.write(kubeconfigText({ ...values, server, cluster }))
  return 0
}

/** A kubeconfig that points at the gateway and has kubectl ask for its token. */
export function kubeconfigText({
  server,
  cluster,
  token,
  ca,
  namespace,
}: Values & { readonly server: string; readonly cluster: string }): string {
  const authority = ca === undefined ? {} : { 'certificate-authority-data': readFileSync(ca).toString('base64') }
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'sallyport',
    args: ['kube-credential', ...(token === undefined ? [] : ['--token', token])],
    interactiveMode: 'Never',
  }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': cluster,
    clusters: [
      { name: cluster, cluster: { server: `${server.replace(/\/$/, '')}/clusters/${cluster}`, ...authority } },
    ],
    users: [{ name: 'sallyport', user: { exec } }],
    contexts: [
      { name: cluster, context: { cluster, user: 'sallyport', ...(namespace === undefined ? {} : { namespace }) } },
    ],
  }
  return stringify(config)
}

interface Values {
  readonly server?: string
  readonly cluster?: string
  readonly token?: string
  readonly ca?: string
  readonly namespace?: string
}

function read(args: readonly string[]): Values {
  const text = { type: 'string' } as const
  return parseArgs({
    args: [...args],
    options: { server: text, cluster: text, token: text, ca: text, namespace: text },
  }).values
}

function wrong(why: string): number {
  process.stderr.write(`sallyport connect: ${why}\n${usage}`)
  return 1
}
