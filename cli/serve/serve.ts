// `sallyport serve`: runs the gateway that a configuration describes, until it is told to stop.
import { type Config, type LiveConfig, liveConfig, loadConfig, watchConfig } from '../../proxy/config/index.ts'
import { CredentialError } from '../../proxy/identity/index.ts'
import { createLog, errorFields, type Log } from '../../proxy/telemetry/index.ts'
import { printProblems } from '../config/config.ts'
import { type RunningGateway, startGateway } from './gateway.ts'
import { UnsupportedError } from './parts.ts'

/** Runs `sallyport serve`. Exit 0 after an orderly end, 1 when the gateway cannot start. */
export async function run(args: readonly string[]): Promise<number> {
  const [flag, file, ...more] = args
  const path =
    flag === '--config' || flag === '-c'
      ? file
      : flag === undefined
        ? (process.env['SALLYPORT_CONFIG'] ?? 'sallyport.yaml')
        : undefined
  if (path === undefined || more.length > 0) {
    process.stderr.write('usage: sallyport serve [--config FILE]\n')
    return 1
  }
  const loaded = loadConfig(path)
  if (!loaded.ok) {
    process.stderr.write(printProblems(path, loaded.problems, 'pretty'))
    return 1
  }
  const log = createLog({
    level: loaded.config.telemetry.logs.level,
    ...(loaded.config.telemetry.logs.file === undefined ? {} : { file: loaded.config.telemetry.logs.file }),
  })
  try {
    const close = await start(path, loaded.config, log)
    process.stdout.write('ready\n')
    await new Promise<void>((done) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done())
    })
    log.info('draining')
    await close()
    return 0
  } catch (error) {
    const known = error instanceof UnsupportedError || error instanceof CredentialError
    process.stderr.write(`sallyport serve: ${known ? error.message : errorFields(error).error}\n`)
    return 1
  }
}

/** Starts the gateway and follows its file; answers how to end both. */
async function start(path: string, config: Config, log: Log): Promise<() => Promise<void>> {
  let gateway: RunningGateway | undefined
  const live: LiveConfig = liveConfig(path, config, async (candidate) => gateway?.verify(candidate))
  gateway = await startGateway(config, () => live.current, log)
  const running = gateway
  const watcher = watchConfig(path, live, (result) => {
    if (result.on === 'rejected')
      return log.error({ problems: result.problems }, 'the configuration was not taken over; the last good one stays')
    if (result.on === 'unchanged') return
    running.swap(result.config)
    log.info({ waitsForRestart: result.waitsForRestart }, 'configuration live')
  })
  return async () => {
    await watcher.close()
    await running.close()
  }
}
