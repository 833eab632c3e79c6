// `sallyport serve`: runs the gateway that a configuration describes, until it is told to stop.
import { setFlagsFromString } from 'node:v8'
import { loadConfig } from '../../proxy/config/index.ts'
import { CredentialError } from '../../proxy/identity/index.ts'
import { createLog, errorFields } from '../../proxy/telemetry/index.ts'
import { printProblems } from '../config/config.ts'
import { startFollowing } from './follow.ts'
import { UnsupportedError } from './parts.ts'

const usage = `usage: sallyport serve [--config FILE]

Runs the gateway that the file describes: listeners, identities, resources, policies, recordings. It needs a configuration
without mistakes (\`sallyport config check\`), the keys that it names, and a policy; \`sallyport init\` writes all of it, and
\`sallyport doctor\` says whether it would work here. Prints \`ready\` when every listener takes clients; logs JSON lines to
standard error.

  --config FILE, -c   the configuration; otherwise SALLYPORT_CONFIG, otherwise sallyport.yaml in this folder
  SALLYPORT_A__B      overrides a key: SALLYPORT_TELEMETRY__LOGS__LEVEL=debug sets telemetry.logs.level

Policies, resources, identities and approvers change under it when they are saved; a save with a mistake changes nothing and
is logged. SIGTERM or SIGINT: takes nothing new, lets running actions end (limits.drain), stops.
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
  const log = createLog({
    level: loaded.config.telemetry.logs.level,
    ...(loaded.config.telemetry.logs.file === undefined ? {} : { file: loaded.config.telemetry.logs.file }),
  })
  try {
    const gateway = await startFollowing(path, loaded.config, log)
    process.stdout.write('ready\n')
    await new Promise<void>((done) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done())
    })
    log.info('draining')
    await gateway.close()
    return 0
  } catch (error) {
    const known = error instanceof UnsupportedError || error instanceof CredentialError
    process.stderr.write(`sallyport serve: ${known ? error.message : errorFields(error).error}\n`)
    return 1
  }
}
