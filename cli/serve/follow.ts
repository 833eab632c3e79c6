// A gateway that follows its file: resources, identity and approvers change under it when the file is saved.
import type { StoreEvent } from '../../bundles/store/index.ts'
import { type Config, type LiveConfig, liveConfig, type Reloaded, watchConfig } from '../../proxy/config/index.ts'
import type { Log } from '../../proxy/telemetry/index.ts'
import { type RunningGateway, startGateway } from './gateway.ts'
import { partOf } from './processes/part.ts'
import { alone, type Peers } from './processes/peers.ts'

/** Who is told what changes, beside the log. */
export interface FollowEars {
  readonly onPolicy?: (event: StoreEvent) => void
  readonly onConfig?: (result: Reloaded) => void
  /** The gateway's other processes, where this is one of several. */
  readonly peers?: Peers
}

/** Starts the gateway and follows its file. */
export async function startFollowing(
  path: string,
  config: Config,
  log: Log,
  { onPolicy, onConfig, peers = alone() }: FollowEars = {},
): Promise<Pick<RunningGateway, 'ports' | 'close'>> {
  let gateway: RunningGateway | undefined
  const part = (whole: Config): Config => partOf(whole, peers.process, peers.processes)
  const own = part(config)
  const live: LiveConfig = liveConfig(path, own, async (candidate) => gateway?.verify(candidate), part)
  gateway = await startGateway(own, () => live.current, log, onPolicy, peers)
  const running = gateway
  const watcher = watchConfig(path, live, (result) => {
    if (result.on === 'rejected')
      log.error({ problems: result.problems }, 'the configuration was not taken over; the last good one stays')
    else if (result.on === 'swapped') {
      running.swap(result.config)
      log.info({ waitsForRestart: result.waitsForRestart }, 'configuration live')
    }
    onConfig?.(result)
  })
  await watcher.ready
  return {
    ports: running.ports,
    close: async () => {
      await watcher.close()
      await running.close()
    },
  }
}
