// What clients of the running demo need, as files: the agent's token in the forms that psql, ssh and curl read, and a file
// to source in a terminal, so that every line of the guide is short.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DevIssuer, DevToken } from '../../proxy/identity/index.ts'
import { kubeconfigText } from '../kube/connect.ts'
import type { DemoCluster } from './cluster.ts'
import type { DemoPorts } from './ports.ts'

const tokenSeconds = 3600
/** How often the token is made anew: long before it ends. */
export const renewMs: number = 20 * 60 * 1000

/** Names of files that are only true of a running demo. */
export const ofRunning: readonly string[] = [
  'running.json',
  'owner-url',
  'token',
  'service-token',
  'pgpass',
  'authorization',
  'env',
  'askpass',
  'ssh_config',
  'known_hosts',
  'kubeconfig',
]

/** Who has a token, by the name of its file: the agent that psql, ssh and curl speak for, and a service that starts agents. */
const parties: { readonly [file: string]: Omit<DevToken, 'lifetimeSeconds'> } = {
  token: { subject: 'agent-1', kind: 'agent', groups: ['analysts'], scopes: ['shop:read', 'shop:write'] },
  'service-token': { subject: 'planner', kind: 'service', groups: ['analysts'], scopes: ['shop:read', 'shop:write'] },
}

/** Writes fresh tokens, that of agent-1 in all its forms. */
export async function writeTokens(folder: string, ports: DemoPorts, issuer: DevIssuer): Promise<void> {
  for (const [file, party] of Object.entries(parties)) {
    const token = await issuer.token({ ...party, lifetimeSeconds: tokenSeconds })
    replace(join(folder, file), token)
    if (file !== 'token') continue
    replace(join(folder, 'pgpass'), `127.0.0.1:${ports.postgres}:*:*:${token}\n`)
    replace(join(folder, 'authorization'), `Authorization: Bearer ${token}\n`)
  }
}

/** A client that reads at this moment sees the old text or the new one. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** Writes everything else. `program` is the command line that `sallyport` means here. */
export function writePlaces(
  folder: string,
  ports: DemoPorts,
  program: readonly string[],
  cluster: DemoCluster | undefined,
): void {
  const at = (...names: string[]): string => join(folder, ...names)
  mkdirSync(at('bin'), { recursive: true })
  writeFileSync(at('bin', 'sallyport'), `#!/bin/sh\nexec ${program.map(quoted).join(' ')} "$@"\n`, { mode: 0o755 })
  writeFileSync(at('askpass'), `#!/bin/sh\nexec cat ${quoted(at('token'))}\n`, { mode: 0o700 })
  const key = readFileSync(at('keys', 'ssh-host.pub'), 'utf8')
  writeFileSync(at('known_hosts'), `[127.0.0.1]:${ports.ssh} ${key}`)
  writeFileSync(at('ssh_config'), sshConfig(ports.ssh, at('known_hosts')))
  if (cluster !== undefined) {
    const { namespace } = cluster
    const text = kubeconfigText({
      server: `https://127.0.0.1:${ports.kubernetes}`,
      cluster: 'cluster',
      token: `file:${at('token')}`,
      ca: at('keys', 'kubernetes.pem'),
      ...(namespace === undefined ? {} : { namespace }),
    })
    writeFileSync(at('kubeconfig'), text, { mode: 0o600 })
  }
  const variables: readonly (readonly [string, string])[] = [
    ['SALLYPORT_DEMO', folder],
    ['SALLYPORT_CONFIG', at('sallyport.yaml')],
    ['SALLYPORT_ADMIN_URL', `http://127.0.0.1:${ports.admin}`],
    ['SALLYPORT_APPROVER', at('approver', 'approver.json')],
    ['PGHOST', '127.0.0.1'],
    ['PGPORT', String(ports.postgres)],
    ['PGUSER', 'agent'],
    ['PGDATABASE', 'shop'],
    ['PGPASSFILE', at('pgpass')],
    ['SSH_ASKPASS', at('askpass')],
    ['SSH_ASKPASS_REQUIRE', 'force'],
    ['CRM', `http://127.0.0.1:${ports.http}`],
    ['EXCHANGE', `http://127.0.0.1:${ports.identity}`],
    ...(cluster === undefined ? [] : [['KUBECONFIG', at('kubeconfig')] as const]),
  ]
  const lines = variables.map(([name, value]) => `export ${name}=${quoted(value)}`)
  const path = `case ":$PATH:" in *:${quoted(at('bin'))}:*) ;; *) PATH=${quoted(at('bin'))}:$PATH ;; esac`
  writeFileSync(
    at('env'),
    `# Where the demo is, for psql, ssh, curl and sallyport: \`. ${at('env')}\` in a terminal.\n${lines.join('\n')}\nunset PGPASSWORD\n${path}\nexport PATH\n`,
  )
}

function sshConfig(port: number, knownHosts: string): string {
  return [
    'Host files',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    '  User files',
    `  UserKnownHostsFile "${knownHosts}"`,
    '  StrictHostKeyChecking yes',
    '  PreferredAuthentications password',
    '  PubkeyAuthentication no',
    '  NumberOfPasswordPrompts 1',
    '  LogLevel ERROR',
    '',
  ].join('\n')
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
