// `sallyport approvals`: what waits for people, and their answers, signed here with the approver's own key.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type ApprovalStatement, statementDigest, visible } from '../../engine/approval/index.ts'
import { signAnswer } from '../../proxy/approvals/index.ts'
import { AdminClient, AdminError } from './client.ts'
import { readProfile } from './profile.ts'

const usage = `usage: sallyport approvals list | show ID | approve ID | deny ID --reason TEXT | watch

  list     the holds that wait now
  show     one hold: who, what the analyzer saw, where and why
  approve  lets exactly this action go, once
  deny     refuses it; the reason reaches the client
  watch    prints holds as they open

  --url URL         the gateway's admin listener (SALLYPORT_ADMIN_URL, http://127.0.0.1:9090)
  --token-file F    the listener's bearer token (SALLYPORT_ADMIN_TOKEN)
  --approver FILE   who answers, as \`sallyport approver enroll\` wrote it (SALLYPORT_APPROVER)
  --json            JSON instead of text
`
/** How long an answer counts on its way to the gateway. */
const answerLifeMs = 5 * 60_000
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
  readonly text: string
  readonly parameters: readonly string[]
}

/** Runs `sallyport approvals`. Exit 0 done, 1 usage or no gateway, 2 the answer was not taken. */
export async function run(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (options === undefined) {
    process.stderr.write(usage)
    return 1
  }
  try {
    return await command(options)
  } catch (error) {
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
  const needsId = verb === 'show' || verb === 'approve' || verb === 'deny'
  if (more.length > 0 || needsId !== (id !== undefined) || (!needsId && verb !== 'list' && verb !== 'watch'))
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
      json: { type: 'boolean' },
    },
  })
}

async function command({ verb, id = '', client, approver, reason, json }: Options): Promise<number> {
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
    default:
      return answer(client, id, verb === 'approve' ? 'approve' : 'deny', reason, approver)
  }
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
  id: string,
  verdict: 'approve' | 'deny',
  reason: string,
  approverFile: string | undefined,
): Promise<number> {
  if (approverFile === undefined) {
    process.stderr.write(
      'sallyport approvals: say who answers with --approver, or enroll first: sallyport approver enroll\n',
    )
    return 1
  }
  const profile = readProfile(approverFile)
  const hold = await shown(client, id)
  // What is signed is what was shown: the digest is computed here, from the statement.
  if (statementDigest(hold.statement) !== hold.digest || hold.statement.hold !== id) {
    process.stderr.write(
      'sallyport approvals: the gateway shows one thing and asks to sign another; nothing was signed\n',
    )
    return 2
  }
  const jws = await signAnswer(
    {
      id: randomUUID(),
      hold: id,
      statement: hold.digest,
      verdict,
      reason,
      issuer: profile.issuer,
      subject: profile.subject,
      expiresAtMs: Date.now() + answerLifeMs,
    },
    profile.key,
  )
  const { status } = await client.post<{ readonly status: string }>(`/v1/approvals/${encodeURIComponent(id)}/answers`, {
    jws,
  })
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
  return `${id}  ${visible(who[0] ?? '')} on ${visible(where)}: ${visible(why.join('; '))}  until ${expires_at}\n`
}

function page(hold: ShownHold): string {
  const rows: readonly [string, readonly string[]][] = [
    ['hold', [hold.id]],
    ['who', hold.who],
    ['where', [hold.where]],
    ['what', hold.what],
    ['why', hold.why],
    ['risks', hold.risks],
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
    .flatMap(([name, lines]) => lines.map((text, index) => `${(index === 0 ? name : '').padEnd(8)}${visible(text)}\n`))
    .join('')
}
