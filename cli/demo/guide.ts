// What the demo prints when it is up: lines to copy, and what they show. The same lines are run by its tests.
import { join, relative } from 'node:path'

/** Where everything is. */
export interface DemoPlaces {
  readonly folder: string
  /** The folder that the reader's terminal is in. */
  readonly from: string
  readonly tookMs: number
  /** Whether a cluster is behind the gateway. */
  readonly cluster: boolean
}

type Line = readonly [command: string, what: string]

const kubectlLines: readonly Line[] = [
  ['kubectl get namespaces', 'allowed'],
  ['kubectl get secrets -A', 'refused: secrets are not read'],
  ['kubectl create namespace reports', 'refused: the cluster is read-only'],
]

/** The guide. */
export function guide({ folder, from, tookMs, cluster }: DemoPlaces): string {
  const near = relative(from, folder)
  const short = near === '' ? '.' : near.startsWith('..') ? folder : near
  const at = (...names: string[]): string => join(short, ...names)
  const sql = (statement: string, what: string): Line => [`psql -c ${quoted(statement)}`, what]
  const ssh = (command: string, what: string): Line => [`ssh -F ${at('ssh_config')} files ${quoted(command)}`, what]
  const curl = (words: string, what: string): Line => [`curl -H @${at('authorization')} ${words}`, what]
  return `
The gateway is up after ${(tookMs / 1000).toFixed(1)} s. You are agent-1, an AI agent. Open a terminal in this folder and say where everything is:

  . ${at('env')}

PostgreSQL
${table([
  sql('SELECT * FROM customers LIMIT 3', 'e-mail addresses masked'),
  sql('SELECT number FROM cards LIMIT 3', 'card numbers masked'),
  sql("SELECT id FROM cards WHERE number LIKE '4%'", 'refused: a masked column would be searched'),
  sql('DELETE FROM orders', 'refused: no WHERE'),
  sql('DELETE FROM orders WHERE id = 7', 'allowed'),
  sql("DO 'BEGIN DROP TABLE orders; END'", 'refused: not fully understood'),
  sql('DROP TABLE orders', 'held, until a person answers in a second terminal:'),
])}

  . ${at('env')}
  sallyport approvals list
  sallyport approvals show ID
  sallyport approvals approve ID             or: deny ID --reason "..."

SSH
${table([
  ssh('ls -l', 'allowed'),
  ssh('cat app.log', 'allowed; card and e-mail masked'),
  ssh('rm app.log', 'refused: not on the list'),
  ssh('ls; echo cm0K | base64 -d | sh', 'refused: what runs cannot be known'),
])}

HTTP
${table([curl('$CRM/customers', 'e-mail masked'), curl('-X DELETE $CRM/customers/1', 'refused')])}
${cluster ? `\nKubernetes\n${table(kubectlLines)}\n` : ''}
Afterwards
${table([
  ['sallyport sessions list', 'every session; show ID, play ID'],
  ['sallyport sessions verify', 'proves that nothing of them was changed'],
  [`sallyport explain DECISION --log ${at('decisions.log')} --policy ${at('policy')}`, ''],
  ['', 'why, in plain words; a refusal names its decision'],
])}

Edit a policy in ${at('policy')} and it is live with the save.
Settings are in ${at('sallyport.yaml')}, the log is ${at('gateway.log')}, the agent's token ${at('token')}.
Without psql, ssh or curl: sallyport demo sql "SELECT ...", demo ssh "COMMAND", demo http METHOD PATH

Ctrl-C ends it.
`
}

function table(lines: readonly Line[]): string {
  const width = Math.max(...lines.filter(([, what]) => what !== '').map(([command]) => command.length))
  return lines.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`.trimEnd()).join('\n')
}

/** In quotes for a shell. */
function quoted(text: string): string {
  return text.includes("'") ? `"${text}"` : `'${text}'`
}
