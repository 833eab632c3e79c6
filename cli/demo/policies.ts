// The policy folder of the demo: shipped policies, one of its own, and data; a person edits them and sees them live.
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const shipped = [
  'complete_only',
  'no_unbounded_write',
  'no_ddl_without_approval',
  'no_host_reaching_sql',
  'pii_masking',
  'ssh_command_allow_list',
  'no_forwarding',
  'agent_depth',
  'budgets',
]
const ofClusters = ['read_only_kubectl', 'no_secrets_read']

const own = `# METADATA
# title: The demo's own policy
# description: Agents may read and write the shop's tables and read customers over HTTP. Edit this file, and a save is live at once.
package policy.demo

allow if {
	input.resource.name == "shop"
	input.action.verb in {"connect", "read", "write", "define"}
}

allow if {
	input.resource.name == "crm"
	input.action.verb in {"connect", "read", "write"}
}

deny contains {"rule": "demo.delete", "message": "customers are not deleted through this API"} if {
	input.resource.name == "crm"
	input.action.operation == "DELETE"
}

deny contains {"rule": "demo.scope", "message": "writing needs the scope shop:write"} if {
	input.resource.name == "shop"
	input.action.verb in {"write", "define"}
	not "shop:write" in input.identity.scopes
}

deny contains {"rule": "demo.night_shift", "message": "orders are closed to the night shift"} if {
	"night" in input.identity.groups
	input.action.verb != "connect"
}
`

const data = {
  config: { pii_masking: { columns: { 'public.cards.number': 'last4', 'public.customers.email': 'partial' } } },
}

/**
 * Writes the folder where it is not there yet. A folder that is there is the person's own; it only gets the policies of
 * clusters, where there was none before.
 */
export function preparePolicies(folder: string, withCluster: boolean): void {
  const isNew = !existsSync(folder)
  const missing = (isNew ? [...shipped, ...ofClusters] : withCluster ? ofClusters : []).filter(
    (name) => !existsSync(join(folder, name)),
  )
  mkdirSync(folder, { recursive: true })
  for (const name of missing) cpSync(join(libraryFolder(), name), join(folder, name), { recursive: true })
  if (!isNew) return
  mkdirSync(join(folder, 'demo'))
  writeFileSync(join(folder, 'demo', 'policy.rego'), own)
  writeFileSync(join(folder, 'data.json'), `${JSON.stringify(data, null, 2)}\n`)
}

function libraryFolder(): string {
  const library = [
    new URL('../../bundles/library/', import.meta.url),
    new URL('../../../bundles/library/', import.meta.url),
  ]
    .map((url) => fileURLToPath(url))
    .find(existsSync)
  if (library === undefined) throw new Error('the shipped policies are missing')
  return library
}
