// Approvals that race, with real processes: two gateways on one PostgreSQL, people who answer at once through both, clients
// that leave, holds that expire, policies that are swapped and a database that stands still. What counts is what reaches
// the API behind: never twice, never without a release, and no request or hold is left behind.
// SALLYPORT_RACES sets how many rounds are run (200).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Asked, Fleet, type FleetGateway, racesPolicy, type Seen } from '../support/approval-fleet.ts'
import { slowness } from '../support/pace.ts'
import { postgresMissing } from '../support/postgres-server.ts'

const rounds = Number(process.env['SALLYPORT_RACES'] ?? 200)
const atOnce = 12
const missing = postgresMissing()
const skip = missing ?? (process.platform === 'linux' ? false : 'processes are paused through /proc and ps')
const fleet = new Fleet()
let one: FleetGateway
let two: FleetGateway

before(async () => {
  if (skip !== false) return
  await fleet.start()
  one = await fleet.gateway()
  two = await fleet.gateway()
})
after(() => fleet.close())

/** Numbers that are the same in every run. */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
const random = sequence(9)
const shuffled = <T>(list: readonly T[]): readonly T[] =>
  list
    .map((item) => ({ item, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item)

const say = (line: string): void => {
  process.stderr.write(`approval races: ${line}\n`)
}

/** What a round came to. */
interface Outcome {
  readonly kind: string
  readonly path: string
  readonly hold: string
  readonly seen: Seen
  readonly answers: readonly Seen[]
}

type Race = (asked: Asked, hold: { hold: string; digest: string }) => Promise<readonly Seen[]>

async function moves(list: readonly (() => Promise<Seen | undefined>)[]): Promise<readonly Seen[]> {
  const done = await Promise.all(shuffled(list).map((move) => move()))
  return done.filter((seen) => seen !== undefined)
}
const by = (index: number) => fleet.people[index] ?? assert.fail('nobody')

const races: { readonly [kind: string]: Race } = {
  approvers: async (_, told) => {
    const [first, second] = [await fleet.sign(told, by(0)), await fleet.sign(told, by(1))]
    return moves([() => fleet.answer(one, told.hold, first), () => fleet.answer(two, told.hold, second)])
  },
  quorum: async (_, told) => {
    const signed = await Promise.all(fleet.people.map((person) => fleet.sign(told, person)))
    return moves(signed.map((jws, index) => () => fleet.answer(index % 2 === 0 ? one : two, told.hold, jws)))
  },
  replay: async (_, told) => {
    const jws = await fleet.sign(told, by(0))
    return moves([one, two, one, two].map((gateway) => () => fleet.answer(gateway, told.hold, jws)))
  },
  deny: async (_, told) => {
    const [yes, no] = [await fleet.sign(told, by(0)), await fleet.sign(told, by(1), 'deny')]
    return moves([() => fleet.answer(one, told.hold, yes), () => fleet.answer(two, told.hold, no)])
  },
  cancel: async ({ asking }, told) => {
    const jws = await fleet.sign(told, by(0))
    const leave = async (): Promise<undefined> => {
      await delay(random() * 12)
      asking.destroy()
    }
    return moves([() => fleet.answer(random() < 0.5 ? one : two, told.hold, jws), leave])
  },
  short: async (_, told) => {
    const jws = await fleet.sign(told, by(0))
    await delay(900 + random() * 120)
    return moves([() => fleet.answer(random() < 0.5 ? one : two, told.hold, jws)])
  },
  swap: async (_, told) => {
    const jws = await fleet.sign(told, by(0))
    await delay(random() * 500)
    return moves([() => fleet.answer(random() < 0.5 ? one : two, told.hold, jws)])
  },
  paused: async (_, told) => {
    const [first, second] = [await fleet.sign(told, by(0)), await fleet.sign(told, by(1))]
    await delay(random() * 200)
    return moves([() => fleet.answer(one, told.hold, first), () => fleet.answer(two, told.hold, second)])
  },
}

async function round(kind: string): Promise<Outcome> {
  const asked = fleet.ask(random() < 0.5 ? one : two, kind)
  const { path, held, seen } = asked
  const told = await Promise.race([held, seen.then(() => undefined)])
  if (told === undefined) {
    // Refused before anybody saw that it was held: the policy of that moment denies it, or its second was over before a
    // busy machine came to it. It is no race; another one is begun.
    const { body } = await seen
    const isOver = kind === 'short' && body.includes('"hold_expired"')
    assert.ok(kind === 'swap' || isOver, `${kind} was not held: ${body}`)
    await delay(20)
    return round(kind)
  }
  const answers = (await races[kind]?.(asked, told)) ?? []
  return { kind, path, hold: told.hold, seen: await seen, answers }
}

/** Runs rounds of some kinds, several at once. */
async function run(kinds: readonly string[], count: number): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count) outcomes.push(await round(kinds[next++ % kinds.length] ?? ''))
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return outcomes
}

/** Runs rounds while something else goes on and on. */
async function runBeside(
  kinds: readonly string[],
  count: number,
  beside: () => Promise<void>,
): Promise<readonly Outcome[]> {
  let isOver = false
  const going = (async (): Promise<void> => {
    while (!isOver) await beside()
  })()
  try {
    return await run(kinds, count)
  } finally {
    isOver = true
    await going
  }
}

const denying = `${racesPolicy}\ndeny contains {"rule": "races.closed", "message": "closed"} if input.action.http.path[0] == "swap"\n`

test(`${rounds} races: nothing is released twice or without its approvals, and nothing is lost`, {
  skip,
}, async () => {
  const share = Math.ceil(rounds / 8)
  const outcomes: Outcome[] = [...(await run(['approvers', 'quorum', 'replay', 'deny', 'cancel', 'short'], 6 * share))]
  let swaps = 0
  const swapping = async (): Promise<void> => {
    fleet.writePolicy(`# ${swaps}\n${swaps++ % 2 === 0 ? denying : racesPolicy}`)
    await delay(400)
  }
  outcomes.push(...(await runBeside(['swap'], share, swapping)))
  fleet.writePolicy(racesPolicy)
  let pauses = 0
  const pausing = async (): Promise<void> => {
    fleet.pauseDatabase('SIGSTOP')
    try {
      await delay(20 + random() * 400)
    } finally {
      fleet.pauseDatabase('SIGCONT')
    }
    pauses++
    await delay(100 + random() * 200)
  }
  outcomes.push(...(await runBeside(['paused'], share, pausing)))

  // The store hears of every end within a few of the gateways' rounds.
  let standing = await fleet.standing()
  for (let look = 0; [...standing.values()].includes('open') && look < 600; look++) {
    await delay(100)
    standing = await fleet.standing()
  }
  const reached = (path: string): number => fleet.reached.get(path) ?? 0
  const count = (matches: (outcome: Outcome) => boolean): number => outcomes.filter(matches).length
  const double = count(({ path }) => reached(path) > 1)
  const unapproved = count(({ path, hold }) => reached(path) > 0 && standing.get(hold) !== 'released')
  const lost =
    [...standing.values()].filter((status) => status === 'open').length +
    count(({ kind, seen }) => kind !== 'cancel' && seen.status !== 200 && seen.status !== 403) +
    // Somebody was told "approved" by a gateway, and the client of a hold that nothing else ended was refused.
    count(
      ({ kind, answers, seen }) =>
        ['approvers', 'quorum', 'replay', 'paused'].includes(kind) &&
        answers.some((answer) => answer.body.includes('"approved"')) &&
        seen.status !== 200,
    )
  const disagreeing = count(({ path, seen }) => (seen.status === 200) !== (reached(path) === 1) && seen.status !== 0)
  for (const kind of Object.keys(races)) {
    const of = outcomes.filter((outcome) => outcome.kind === kind)
    const released = of.filter(({ path }) => reached(path) === 1).length
    say(`${kind}: ${of.length} rounds, ${released} released, ${of.length - released} ended otherwise`)
  }
  say(
    `${outcomes.length} races (${swaps} swaps, ${pauses} pauses of the database): ${count(({ path }) => reached(path) === 1)} releases, ${double} double releases, ${lost} lost holds`,
  )
  assert.deepEqual({ double, unapproved, lost, disagreeing }, { double: 0, unapproved: 0, lost: 0, disagreeing: 0 })
  assert.ok(count(({ kind, path }) => kind === 'approvers' && reached(path) === 1) > 0)
})

test('a hold on one gateway is answered through the other, quickly', { skip }, async () => {
  const taken: number[] = []
  const slow: number[] = []
  for (let index = 0; index < 40; index++) {
    const [here, there] = index % 2 === 0 ? [one, two] : [two, one]
    const asked = fleet.ask(here, 'calm')
    const told = await asked.held
    const jws = await fleet.sign(told, by(index % 3))
    const startedMs = performance.now()
    const answered = await fleet.answer(there, told.hold, jws)
    assert.equal(answered.status, 200, answered.body)
    assert.equal((await asked.seen).status, 200)
    taken.push(performance.now() - startedMs)
    if (index % 8 === 0) slow.push(slowness())
  }
  taken.sort((a, b) => a - b)
  const factor = slow.sort((a, b) => a - b)[2] ?? 1
  const [middle = 0, most = 0] = [taken[20], taken[39]]
  say(`answered through the other gateway and forwarded: median ${middle.toFixed(1)} ms, longest ${most.toFixed(1)} ms`)
  assert.ok(middle < 250 * factor, `${middle} ms where the machine is ${factor.toFixed(1)} times as slow`)
})

test('a grant of 50 actions lets exactly 50 go, of 120 asked at once through two gateways', { skip }, async () => {
  const path = '/granted/all'
  const first = fleet.ask(one, 'granted', path)
  const told = await first.held
  const shown = await fleet.show(two, told.hold)
  const tooMany = await fleet.answer(two, told.hold, await fleet.signGrant(shown, by(0), 51), 'grants')
  assert.match(tooMany.body, /not_permitted/)
  const given = await fleet.answer(two, told.hold, await fleet.signGrant(shown, by(0), 50), 'grants')
  assert.equal(given.status, 200, given.body)
  assert.equal((await first.seen).status, 200)
  const open = async (): Promise<number> =>
    [...(await fleet.standing()).values()].filter((one) => one === 'open').length
  const before = await open()
  let answered = 0
  const asked = Array.from({ length: 119 }, (_, index) => {
    const each = fleet.ask(index % 2 === 0 ? one : two, 'granted', path)
    each.seen.then(({ status }) => {
      if (status === 200) answered++
    }, assert.fail)
    return each
  })
  while ((await open()) - before < 70 || answered < 49) await delay(20)
  assert.deepEqual([answered, fleet.reached.get(path), (await open()) - before], [49, 50, 70])
  for (const { asking } of asked) asking.destroy()
  await Promise.all(asked.map(({ seen }) => seen))
  assert.equal(fleet.reached.get(path), 50)
  say('50 of 120 went under a grant of 50, asked at once through two gateways')
})

test('the policy reads the grant when it decides again, and may refuse it', { skip }, async () => {
  const path = '/each/one'
  const asked = fleet.ask(one, 'each', path)
  const told = await asked.held
  const shown = await fleet.show(one, told.hold)
  assert.equal((await fleet.answer(one, told.hold, await fleet.signGrant(shown, by(1), 5), 'grants')).status, 200)
  const { status, body } = await asked.seen
  assert.equal(status, 403)
  assert.match(body, /this is asked each time/)
  assert.equal(fleet.reached.get(path), undefined)
})

test('what a killed gateway held is refused, and can be approved by nobody', { skip }, async () => {
  const third = await fleet.gateway()
  const asked = fleet.ask(third, 'killed')
  const told = await asked.held
  const startedMs = performance.now()
  third.child.kill('SIGKILL')
  assert.deepEqual(await asked.seen, { status: 0, body: '' })
  while ((await fleet.standing()).get(told.hold) === 'open') await delay(100)
  say(`ended by the others after ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
  assert.equal((await fleet.standing()).get(told.hold), 'cancelled')
  const late = await fleet.answer(one, told.hold, await fleet.sign(told, by(0)))
  assert.equal(late.status, 409, late.body)
  assert.equal(fleet.reached.get(asked.path), undefined)
})
