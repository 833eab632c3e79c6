// `sallyport doctor`: whether a configuration would work here, thing by thing, and what to do where it would not.
import { loadConfig } from '../../proxy/config/index.ts'
import { printProblems } from '../config/config.ts'
import { paint } from '../policy/options.ts'
import { jsonShown, printable } from '../sessions/transcript.ts'
import type { Finding } from './finding.ts'
import { listenerFindings, machineFindings } from './machine.ts'
import { issuerFindings, keyFindings, policyFindings, storageFindings } from './reach.ts'
import { upstreamFindings } from './upstreams.ts'

const usage = `usage: sallyport doctor [--config FILE] [-o pretty|json]

  --config FILE, -c   the configuration; otherwise SALLYPORT_CONFIG, otherwise sallyport.yaml in this folder
  --output FORM, -o   pretty (the default) or json

Checks the machine, keys, certificates, issuers and clocks, upstreams, the policy and shared state, through the parts that
the gateway uses. Exit 0 when nothing failed, 1 when something did.
`

/** Runs `sallyport doctor`. */
export async function run(args: readonly string[]): Promise<number> {
  let file = process.env['SALLYPORT_CONFIG'] ?? 'sallyport.yaml'
  let output = 'pretty'
  for (let at = 0; at < args.length; at += 2) {
    const [flag, value] = [args[at], args[at + 1]]
    if (flag === '--help' || flag === '-h') {
      process.stdout.write(usage)
      return 0
    }
    if (value !== undefined && (flag === '--config' || flag === '-c')) file = value
    else if ((flag === '-o' || flag === '--output') && (value === 'pretty' || value === 'json')) output = value
    else {
      process.stderr.write(usage)
      return 1
    }
  }
  const loaded = loadConfig(file)
  if (!loaded.ok) {
    process.stdout.write(printProblems(file, loaded.problems, output))
    return 1
  }
  const { config } = loaded
  const found: Finding[] = []
  for (const check of [
    machineFindings,
    listenerFindings,
    keyFindings,
    issuerFindings,
    upstreamFindings,
    policyFindings,
    storageFindings,
  ]) {
    const these = await check(config)
    found.push(...these)
    if (output === 'pretty') for (const one of these) process.stdout.write(line(one))
  }
  const count = (state: Finding['state']): number => found.filter((one) => one.state === state).length
  if (output === 'json') process.stdout.write(`${jsonShown({ findings: found })}\n`)
  else process.stdout.write(`${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed\n`)
  return count('fail') > 0 ? 1 : 0
}

function line({ about, state, detail, help }: Finding): string {
  const colour = state === 'ok' ? 'green' : state === 'warn' ? 'yellow' : 'red'
  // What a server answered is its own text.
  const first = `${paint(colour, state.padEnd(4))}  ${printable(about)}: ${printable(detail)}\n`
  return help === '' ? first : `${first}      ${printable(help)}\n`
}
