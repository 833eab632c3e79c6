// The processes of one gateway: how many there are, what each has of the bounds, and what several cannot share.
import { availableParallelism } from 'node:os'
import type { Finding } from './check.ts'
import { integer, named } from './field-kinds.ts'
import type { Fields } from './shape.ts'
import type { Config } from './types.ts'

/** Processes at most, whoever says how many. */
const processesMax = 64
/** Processes that `auto` makes at most: each has a policy, a recorder and a compiler of its own. */
const autoMax = 16

/** What the file says of the gateway itself. */
export const gatewayFields: Fields<Config['gateway']> = {
  id: named('its id in action documents, recordings and logs', { otherwise: 'gateway' }),
  processes: integer(
    `processes behind the same listeners; \`auto\`: one for each processor, ${autoMax} at most`,
    1,
    processesMax,
    { mayBeAuto: true, otherwise: 1 },
  ),
}

/** How many processes a configuration asks for. Of `auto` no more than each bound can be divided by. */
export function processesOf(config: Config): number {
  const { processes } = config.gateway
  if (processes !== 'auto') return processes
  return Math.min(availableParallelism(), autoMax, ...bounds(config).map(([, bound]) => bound))
}

/** What one of several processes may have of a bound: together they never have more. */
export function shareOf(bound: number, processes: number): number {
  return Math.floor(bound / processes)
}

/** What cannot be in several processes, because one would not know what the others did. */
export function* checkProcesses(config: Config): Generator<Finding> {
  const { processes } = config.gateway
  if (processes === 1) return
  const at = 'gateway.processes'
  if (Object.values(config.limits.root).some((total) => total !== undefined))
    yield {
      at,
      message:
        'totals below one outermost delegator (`limits.root`) are counted in each process, so several would let more pass',
      help: 'set `processes: 1`, or bound sessions (`limits.session`)',
    }
  if (config.recording.store.kind === 's3')
    yield {
      at,
      message: 'several processes do not share one spool before an object store',
      help: 'set `processes: 1`, or keep recordings in a folder',
    }
  if (processes === 'auto') return
  for (const [where, bound] of bounds(config))
    if (bound < processes)
      yield { at, message: `\`${where}\` is ${bound}, too few for ${processes} processes to share`, help: '' }
}

/** The bounds that processes share. */
function bounds({ limits, listeners }: Config): readonly (readonly [string, number])[] {
  return [
    ['limits.sessions_max', limits.sessionsMax],
    ['limits.holds_max', limits.holdsMax],
    ...listeners.flatMap((listener, index) =>
      listener.protocol === 'admin' ? [] : [[`listeners[${index}].connections_max`, listener.connectionsMax] as const],
    ),
  ]
}
