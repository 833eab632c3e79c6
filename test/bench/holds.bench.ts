// A thousand holds: memory, and the latency of a session that does not wait.
import { thousandHolds } from '../support/thousand-holds.ts'

/** The bench's name. */
export const name = 'holds'

const rounds = 9

/** Measures in turns, without holds and with them. */
export async function run(): Promise<{
  rows: { name: string; value: number; unit: string; ratio?: number; goal?: string }[]
}> {
  const { holds, megabytes, alone, beside } = await thousandHolds(rounds)
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
    ],
  }
}
