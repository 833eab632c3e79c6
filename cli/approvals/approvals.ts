// `sallyport approvals`: what waits for people, and their answers, signed here with the approver's own key.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type ApprovalStatement, type Deed, statementDigest, visibleLine } from '../../engine/approval/index.ts'
import { signAnswer } from '../../proxy/approvals/index.ts'
import { RecordingError } from '../../proxy/recording/index.ts'
import { AdminClient, AdminError } from './client.ts'
import { type GrantWindow, giveGrant, listGrants, revokeGrant } from './grants.ts'
import { type Profile, readProfile } from './profile.ts'

const usage = `usage: sallyport approvals list | show ID | approve ID | deny ID --reason TEXT | watch
       sallyport approvals grants | revoke GRANT [--reason TEXT] | verify [SESSION] [--config FILE]

  list     the holds that wait now
  show     one hold: who, what the analyzer saw, where and why
  approve  lets exactly this action go, once; with --grant the like of it too, for a while
  deny     refuses it; the reason reaches the client
  watch    prints holds as they open
  grants   the standing grants
  revoke   takes a standing grant back
  verify   offline, from recordings: that people answered for the very actions that were recorded

  --grant           grant a window: the same identity, resource, rule and deeds, whatever the values
  --minutes N       how long the grant stands (30)
  --actions N       how many actions it is for, this one included (5)
  --url URL         the gateway's admin listener (SALLYPORT_ADMIN_URL, http://127.0.0.1:9090)
  --token-file F    the listener's bearer token (SALLYPORT_ADMIN_TOKEN)
  --approver FILE   who answers, as \`sallyport approver enroll\` wrote it (SALLYPORT_APPROVER)
  --login-file F    answer as whoever this token of a login says, where the gateway takes logins
  --json            JSON instead of text

It needs a gateway whose admin listener can be reached, and to answer an enrolled key (\`sallyport approver enroll\`) or a
login. Exit 0 done, 1 wrong usage or no gateway, 2 the answer was not taken.
`
const watchMs = 1000

/** A hold as the API shows it. */
interface ShownHold {
  readonly id: string
  readonly digest: string
  readonly expires_at: string
  readonly statement: ApprovalStatement
  readonly who: readonly string[]
  readonly where: string
  readonly what: readonly string[]
  readonly why: readonly string[]
  readonly risks: readonly string[]
  readonly estimates: readonly string[]
  readonly text: string
  readonly parameters: readonly string[]
  readonly deeds: readonly Deed[] | null
}

/** Runs `sallyport approvals`. Exit 0 done, 1 usage or no gateway, 2 the answer was not taken. */
export async function run(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage)
    return 0
  }
  const options = readOptions(args)
  if (options === undefined) {
    process.stderr.write(usage)
    return 1
  }
  try {
    if (options.verb === 'verify') return await (await import('./verify.ts')).verifyAnswers(options.config, options.id)
    return await command(options)
  } catch (error) {
    if (error instanceof RecordingError) {
      process.stderr.write(`sallyport approvals: ${error.message}\n`)
      return 1
    }
    if (!(error instanceof AdminError)) throw error
    process.stderr.write(`sallyport approvals: ${error.message}\n`)
    return error.status === 0 || error.status === 401 ? 1 : 2
  }
}

interface Options {
  readonly verb: string
  readonly id: string | undefined
  readonly client: AdminClient
  readonly approver: string | undefined
  readonly reason: string
  readonly json: boolean
  readonly window: GrantWindow | undefined
  readonly login: string | undefined
  /** For `verify`, which asks no gateway. */
  readonly config?: string | undefined
}

function readOptions(args: readonly string[]): Options | undefined {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(args)
  } catch {
    return undefined
  }
  const { values, positionals } = parsed
  const [verb = '', id, ...more] = positionals
  const needsId = ['show', 'approve', 'deny', 'revoke'].includes(verb)
  const mayHaveId = needsId || verb === 'verify'
  if (
    more.length > 0 ||
    (needsId && id === undefined) ||
    (!mayHaveId && id !== undefined) ||
    (!needsId && !['list', 'watch', 'grants', 'verify'].includes(verb))
  )
    return undefined
  const window = { minutes: Number(values.minutes ?? 30), actions: Number(values.actions ?? 5) }
  const isGrant = values.grant ?? false
  if ((isGrant && verb !== 'approve') || !(window.minutes > 0) || !Number.isSafeInteger(window.actions))
    return undefined
  if (verb === 'deny' && values.reason === undefined) return undefined
  const token =
    values['token-file'] === undefined
      ? process.env['SALLYPORT_ADMIN_TOKEN']
      : readFileSync(values['token-file'], 'utf8').trim()
  return {
    verb,
    id,
    client: new AdminClient(values.url ?? process.env['SALLYPORT_ADMIN_URL'] ?? 'http://127.0.0.1:9090', token),
    approver: values.approver ?? process.env['SALLYPORT_APPROVER'],
    reason: values.reason ?? '',
    json: values.json ?? false,
    window: isGrant ? window : undefined,
    config: values.config,
    login: values['login-file'] === undefined ? undefined : readFileSync(values['login-file'], 'utf8').trim(),
  }
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      'token-file': { type: 'string' },
      approver: { type: 'string' },
      reason: { type: 'string' },
      grant: { type: 'boolean' },
      'login-file': { type: 'string' },
      minutes: { type: 'string' },
      actions: { type: 'string' },
      json: { type: 'boolean' },
      config: { type: 'string', short: 'c' },
    },
  })
}

async function command({ verb, id = '', client, approver, reason, json, window, login }: Options): Promise<number> {
  switch (verb) {
    case 'list': {
      const holds = await listed(client)
      if (json) process.stdout.write(`${JSON.stringify(holds, null, 2)}\n`)
      else process.stdout.write(holds.length === 0 ? 'nothing waits\n' : holds.map(line).join(''))
      return 0
    }
    case 'show': {
      const hold = await shown(client, id)
      process.stdout.write(json ? `${JSON.stringify(hold, null, 2)}\n` : page(hold))
      return 0
    }
    case 'watch':
      return watch(client)
    case 'grants':
      return listGrants(client, json)
  }
  const isAnswer = verb === 'approve' || verb === 'deny'
  if (login !== undefined && isAnswer && window === undefined) {
    const hold = await honestHold(client, id)
    return hand(client, id, { login, statement: hold.digest, verdict: verb, reason })
  }
  if (approver === undefined) {
    process.stderr.write(
      'sallyport approvals: say who answers with --approver, or enroll first: sallyport approver enroll\n',
    )
    return 1
  }
  const profile = readProfile(approver)
  if (verb === 'revoke') return revokeGrant(client, id, reason, profile)
  const hold = await honestHold(client, id)
  if (window !== undefined) return giveGrant(client, hold, window, reason, profile)
  return answer(client, hold, verb === 'approve' ? 'approve' : 'deny', reason, profile)
}

/** A hold whose digest is that of what is shown: what is signed is what was seen. */
async function honestHold(client: AdminClient, id: string): Promise<ShownHold> {
  const hold = await shown(client, id)
  if (statementDigest(hold.statement) === hold.digest && hold.statement.hold === id) return hold
  throw new AdminError(409, 'the gateway shows one thing and asks to sign another; nothing was signed')
}

async function listed(client: AdminClient): Promise<readonly ShownHold[]> {
  const { holds } = await client.get<{ readonly holds: readonly ShownHold[] }>('/v1/approvals')
  return holds
}

function shown(client: AdminClient, id: string): Promise<ShownHold> {
  return client.get<ShownHold>(`/v1/approvals/${encodeURIComponent(id)}`)
}

async function answer(
  client: AdminClient,
  { statement, digest }: ShownHold,
  verdict: 'approve' | 'deny',
  reason: string,
  { issuer, subject, key }: Profile,
): Promise<number> {
  // It counts while the hold does: the others who are asked may come much later.
  const { hold, expiresAtMs } = statement
  const claims = { id: randomUUID(), hold, statement: digest, verdict, reason, issuer, subject, expiresAtMs }
  return hand(client, hold, { jws: await signAnswer(claims, key) })
}

/** Hands an answer in. */
async function hand(client: AdminClient, hold: string, body: object): Promise<number> {
  const path = `/v1/approvals/${encodeURIComponent(hold)}/answers`
  const { status } = await client.post<{ readonly status: string }>(path, body)
  process.stdout.write(status === 'waiting' ? 'taken; more people are needed\n' : `${status}\n`)
  return 0
}

async function watch(client: AdminClient): Promise<number> {
  const seen = new Set<string>()
  let isOver = false
  process.once('SIGINT', () => {
    isOver = true
  })
  while (!isOver) {
    for (const hold of await listed(client)) {
      if (seen.has(hold.id)) continue
      seen.add(hold.id)
      process.stdout.write(`${page(hold)}\n`)
    }
    await delay(watchMs)
  }
  return 0
}

function line({ id, who, where, why, expires_at }: ShownHold): string {
  return `${id}  ${visibleLine(who[0] ?? '')} on ${visibleLine(where)}: ${visibleLine(why.join('; '))}  until ${expires_at}\n`
}

function page(hold: ShownHold): string {
  const rows: readonly [string, readonly string[]][] = [
    ['hold', [hold.id]],
    ['who', hold.who],
    ['where', [hold.where]],
    ['what', hold.what],
    ['why', hold.why],
    ['risks', hold.risks],
    ['expects', hold.estimates],
    [
      'needs',
      hold.statement.requirements.map(
        ({ rule, quorum, reviewers }) =>
          `${quorum} of ${reviewers.length === 0 ? 'anybody who may approve' : reviewers.join(', ')} (${rule})`,
      ),
    ],
    ['until', [hold.expires_at]],
    ['text', hold.text.split('\n')],
    ['values', hold.parameters],
  ]
  return rows
    .flatMap(([name, lines]) =>
      lines.map((text, index) => `${(index === 0 ? name : '').padEnd(8)}${visibleLine(text)}\n`),
    )
    .join('')
}
