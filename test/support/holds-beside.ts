// What a client notices of a thousand holds that are not its own: requests of one connection through a real gateway, without
// holds and beside them, by turns.
import { Agent } from 'node:http'
import { Fleet } from './approval-fleet.ts'

/** Milliseconds that a request took, the middle and the 99th of a hundred. */
export interface Taken {
  readonly middle: number
  readonly p99: number
}

const holdsCount = 1000
const requests = 4000
/** How long the gateway is left alone before it is measured: people are still told. */
const quietMs = 3000

/** What writes waits for people, all else goes on. */
const policy = `package policy.beside

allow if true

hold contains {"rule": "beside.write", "reason": "it writes", "reviewers": ["dba"], "quorum": 1, "expires": "1h"} if {
	input.action.http.method == "POST"
}
`

/** Measures in turns. */
export async function holdsBeside(rounds: number): Promise<{ readonly alone: Taken; readonly beside: Taken }> {
  const fleet = new Fleet()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    await fleet.start()
    fleet.writePolicy(policy)
    const gateway = await fleet.gateway()
    // What it logs of each hold has to go somewhere.
    gateway.child.stdout?.resume()
    gateway.child.stderr?.resume()
    const measured = async (): Promise<Taken> => {
      const times: number[] = []
      for (let index = 0; index < requests; index++) times.push(await fleet.read(gateway, agent))
      times.sort((a, b) => a - b)
      return { middle: at(times, 0.5), p99: at(times, 0.99) }
    }
    const alone: Taken[] = []
    const beside: Taken[] = []
    // The first round is to get warm.
    for (let round = 0; round <= rounds; round++) {
      const without = await measured()
      const asked = Array.from({ length: holdsCount }, () => fleet.ask(gateway, 'held'))
      await standing(fleet, holdsCount)
      const withHolds = await measured()
      for (const { asking } of asked) asking.destroy()
      await standing(fleet, 0)
      if (round === 0) continue
      alone.push(without)
      beside.push(withHolds)
    }
    return { alone: middles(alone), beside: middles(beside) }
  } finally {
    agent.destroy()
    await fleet.close()
  }
}

/** Waits until so many holds are open. */
async function standing(fleet: Fleet, count: number): Promise<void> {
  while ([...(await fleet.standing()).values()].filter((status) => status === 'open').length !== count)
    await new Promise((resolve) => setTimeout(resolve, 50))
  // What follows from opening and ending so many is not what holding them costs.
  await new Promise((resolve) => setTimeout(resolve, quietMs))
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN
}

function middles(all: readonly Taken[]): Taken {
  const middle = (figures: readonly number[]): number =>
    at(
      [...figures].sort((a, b) => a - b),
      0.5,
    )
  return { middle: middle(all.map((one) => one.middle)), p99: middle(all.map((one) => one.p99)) }
}
