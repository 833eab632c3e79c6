// Standing grants on the command line: given with a hold, listed, taken back.
import { randomUUID } from 'node:crypto'
import {
  type ApprovalStatement,
  type Deed,
  deedWords,
  type GrantTerms,
  visibleLine,
} from '../../engine/approval/index.ts'
import { signGrant, signRevocation } from '../../proxy/approvals/index.ts'
import type { AdminClient } from './client.ts'
import type { Profile } from './profile.ts'

/** How long and how often. */
export interface GrantWindow {
  readonly minutes: number
  readonly actions: number
}

/** A grant as the API shows it. */
interface ShownGrant extends GrantTerms {
  readonly expires_at: string
  readonly actions_left: number
  readonly what: readonly string[]
}

const minuteMs = 60_000

/** Answers a hold by granting its like for a while. Exit 0 taken, 2 it cannot be granted ahead. */
export async function giveGrant(
  client: AdminClient,
  { statement, deeds }: { readonly statement: ApprovalStatement; readonly deeds: readonly Deed[] | null },
  { minutes, actions }: GrantWindow,
  reason: string,
  { issuer, subject, key }: Profile,
): Promise<number> {
  if (deeds === null) {
    process.stderr.write(
      'sallyport approvals: not all that this action does is known, so it cannot be granted ahead; approve it alone\n',
    )
    return 2
  }
  const { hold, identity, chain, resource, requirements } = statement
  const terms: GrantTerms = {
    version: 1,
    id: randomUUID(),
    hold,
    issuer,
    subject,
    identity,
    chain,
    resource: resource.name,
    rules: requirements.map(({ rule }) => rule),
    deeds,
    actionsMax: actions,
    expiresAtMs: Date.now() + Math.round(minutes * minuteMs),
    reason,
  }
  // Said before it is signed: of a hold only the statement is proven, and what its like may do is not in it.
  const until = new Date(terms.expiresAtMs).toISOString()
  process.stdout.write(
    `grant ${terms.id}: ${visibleLine(identity.subject)} on ${visibleLine(resource.name)}, ${actions} actions until ${until}\n`,
  )
  for (const deed of deeds) process.stdout.write(`  ${visibleLine(deedWords(deed))}\n`)
  const jws = await signGrant(terms, key)
  const path = `/v1/approvals/${encodeURIComponent(hold)}/grants`
  const { status } = await client.post<{ readonly status: string }>(path, { jws })
  process.stdout.write(status === 'waiting' ? 'taken; more people are needed\n' : `${status}\n`)
  return 0
}

/** Prints the grants that stand. */
export async function listGrants(client: AdminClient, json: boolean): Promise<number> {
  const { grants } = await client.get<{ readonly grants: readonly ShownGrant[] }>('/v1/grants')
  if (json) process.stdout.write(`${JSON.stringify(grants, null, 2)}\n`)
  else if (grants.length === 0) process.stdout.write('nothing is granted\n')
  else for (const grant of grants) process.stdout.write(page(grant))
  return 0
}

/** Takes a grant back. */
export async function revokeGrant(
  client: AdminClient,
  grant: string,
  reason: string,
  { issuer, subject, key }: Profile,
): Promise<number> {
  const jws = await signRevocation({ grant, issuer, subject, reason }, key)
  await client.post('/v1/grants/revocations', { jws })
  process.stdout.write('revoked\n')
  return 0
}

function page(grant: ShownGrant): string {
  const { id, identity, resource, subject, what, reason, actions_left, actionsMax, expires_at } = grant
  const why = reason === '' ? '' : `: ${visibleLine(reason)}`
  const head = `${visibleLine(id)}  ${visibleLine(identity.subject)} on ${visibleLine(resource)}, ${actions_left} of ${actionsMax} left until ${expires_at}, by ${visibleLine(subject)}${why}`
  return `${[head, ...what.map((line) => `  ${visibleLine(line)}`)].join('\n')}\n`
}
