// A thousand holds: memory, and the latency of a session that does not wait.
import { holdsBeside } from '../support/holds-beside.ts'
import { thousandHolds } from '../support/thousand-holds.ts'

/** The bench's name. */
export const name = 'holds'

const rounds = 9
const gatewayRounds = 5

/** Measures in turns, without holds and with them. */
export async function run(): Promise<{
  rows: { name: string; value: number; unit: string; ratio?: number; goal?: string }[]
}> {
  const { holds, megabytes, alone, beside } = await thousandHolds(rounds)
  const gateway = await holdsBeside(gatewayRounds)
  return {
    rows: [
      { name: `memory of ${holds} holds`, value: megabytes, unit: 'MB', goal: '< 20' },
      { name: 'an allowed action of another session, no holds', value: alone.middle, unit: 'us' },
      {
        name: `the same beside ${holds} holds`,
        value: beside.middle,
        unit: 'us',
        ratio: beside.middle / alone.middle,
        goal: '<= 1.05',
      },
      { name: 'its 99th percentile, no holds', value: alone.p99, unit: 'us' },
      {
        name: `its 99th percentile beside ${holds} holds`,
        value: beside.p99,
        unit: 'us',
        ratio: beside.p99 / alone.p99,
      },
      { name: 'a request through a gateway, no holds', value: gateway.alone.middle, unit: 'ms' },
      {
        name: `the same request beside ${holds} holds`,
        value: gateway.beside.middle,
        unit: 'ms',
        ratio: gateway.beside.middle / gateway.alone.middle,
        goal: '<= 1.05',
      },
      { name: 'the 99th percentile of requests, no holds', value: gateway.alone.p99, unit: 'ms' },
      {
        name: `the 99th percentile of requests beside ${holds} holds`,
        value: gateway.beside.p99,
        unit: 'ms',
        ratio: gateway.beside.p99 / gateway.alone.p99,
      },
    ],
  }
}
