// `sallyport serve`: runs the gateway that a configuration describes, until it is told to stop.
import { setFlagsFromString } from 'node:v8'
import { type Config, loadConfig, processesOf } from '../../proxy/config/index.ts'
import { CredentialError } from '../../proxy/identity/index.ts'
import { RecordingError } from '../../proxy/recording/index.ts'
import { createLog, errorFields, LineFile, type Log } from '../../proxy/telemetry/index.ts'
import { printProblems } from '../config/config.ts'
import { startFollowing } from './follow.ts'
import { UnsupportedError } from './parts.ts'
import { Processes, ProcessesError } from './processes/parent.ts'
import { fileOf, spreadBundles } from './processes/part.ts'
import { isOneOfSeveral, joinParent } from './processes/peers.ts'

const usage = `usage: sallyport serve [--config FILE]

Runs the gateway that the file describes: listeners, identities, resources, policies, recordings. It needs a configuration
without mistakes (\`sallyport config check\`), the keys that it names, and a policy; \`sallyport init\` writes all of it, and
\`sallyport doctor\` says whether it would work here. Prints \`ready\` when every listener takes clients; logs JSON lines to
standard error.

  --config FILE, -c   the configuration; otherwise SALLYPORT_CONFIG, otherwise sallyport.yaml in this folder
  SALLYPORT_A__B      overrides a key: SALLYPORT_TELEMETRY__LOGS__LEVEL=debug sets telemetry.logs.level

Policies, resources, identities and approvers change under it when they are saved; a save with a mistake changes nothing and
is logged. With gateway.processes several processes serve behind the same listeners. SIGTERM, SIGINT or SIGHUP:
takes nothing new, lets running actions end (limits.drain), stops.
Exit 0 after an orderly end, 1 when it cannot start.
`

/** Runs `sallyport serve`. Exit 0 after an orderly end, 1 when the gateway cannot start. */
export async function run(args: readonly string[]): Promise<number> {
  const [flag, file, ...more] = args
  const path =
    flag === '--config' || flag === '-c'
      ? file
      : flag === undefined
        ? (process.env['SALLYPORT_CONFIG'] ?? 'sallyport.yaml')
        : undefined
  if (flag === '--help' || flag === '-h') {
    process.stdout.write(usage)
    return 0
  }
  if (path === undefined || more.length > 0) {
    process.stderr.write(usage)
    return 1
  }
  const loaded = loadConfig(path)
  if (!loaded.ok) {
    process.stderr.write(printProblems(path, loaded.problems, 'pretty'))
    return 1
  }
  // What a gateway makes is dead a moment later: to wake other threads to look for what is left costs more than looking.
  setFlagsFromString('--no-parallel-scavenge')
  if (isOneOfSeveral(process.env)) return runAsOne(path, loaded.config)
  const processes = processesOf(loaded.config)
  return processes === 1 ? runAlone(path, loaded.config) : runSeveral(loaded.config, processes)
}

/** A gateway of one process. */
async function runAlone(path: string, config: Config): Promise<number> {
  const log = logOf(config)
  // Listened for from the beginning: whoever is told while it starts ends in order as well.
  const ending = told()
  try {
    const gateway = await startFollowing(path, config, log)
    sayReady()
    await ending
    log.info('draining')
    await gateway.close()
    return 0
  } catch (error) {
    return failed(messageOf(error))
  }
}

/** One process of several: the parent hears how it went, and says when to end. */
async function runAsOne(path: string, config: Config): Promise<number> {
  const parent = await joinParent()
  const { peers } = parent
  const log = logOf(config, peers.process)
  const ending = told()
  try {
    const gateway = await startFollowing(path, config, log, { peers })
    parent.ready()
    await Promise.race([ending, parent.ending])
    log.info('draining')
    await gateway.close()
    return 0
  } catch (error) {
    parent.failed(messageOf(error))
    return 1
  } finally {
    // Without the parent's channel nothing keeps a process that has ended.
    process.disconnect?.()
  }
}

/** The parent of several. */
async function runSeveral(config: Config, count: number): Promise<number> {
  const log = logOf(config, 0)
  const processes = new Processes(count, { log, drainMs: config.limits.drainMs })
  const ending = told()
  try {
    spreadBundles(config)
    await processes.start()
  } catch (error) {
    return failed(error instanceof ProcessesError ? error.message : messageOf(error))
  }
  sayReady()
  await ending
  log.info('draining')
  await processes.end()
  return 0
}

/** The log of the process; of several each has a file of its own, and says which it is. The parent is 0. */
function logOf({ telemetry: { logs } }: Config, one?: number): Log {
  return createLog({
    level: logs.level,
    ...(logs.file === undefined ? {} : { file: fileOf(logs.file, one ?? 1) }),
    ...(one === undefined ? {} : { process: one }),
  })
}

/** Nobody need read it: a gateway is up also when who started it is gone. */
function sayReady(): void {
  new LineFile(1, () => '').write('ready\n')
}

function told(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done())
  })
}

function messageOf(error: unknown): string {
  const known = error instanceof UnsupportedError || error instanceof CredentialError || error instanceof RecordingError
  if (known) return error.message
  const { error: told, cause } = errorFields(error)
  return cause === undefined ? told : `${told} (${cause})`
}

function failed(message: string): number {
  process.stderr.write(`sallyport serve: ${message}\n`)
  return 1
}
