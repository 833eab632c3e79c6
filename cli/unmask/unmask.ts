// `sallyport unmask`: asks a gateway what tokens stand for. The gateway decides by policy, and records who asked for which.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { AdminClient, AdminError } from '../approvals/client.ts'
import { clientToken } from '../identity/client-token.ts'
import { terminalPorts } from '../identity/login.ts'
import { LoginError } from '../identity/oidc-client.ts'

const usage = `usage: sallyport unmask --gateway URL --resource NAME [--token REFERENCE] TOKEN...

  --gateway URL      the gateway's admin listener
  --resource NAME    the resource whose masks made the tokens
  --token REFERENCE  where your own token is: login:NAME, file:PATH, env:NAME or exec:COMMAND

TOKEN may be - for one on each line of standard input. Needs the scope that the resource's \`masking.unmask_scope\` names, and
a policy that allows the operation \`unmask\`. What was no token is printed as an empty line.
Exit 0 when answered, 1 when refused or on a wrong command line.
`

/** Runs `sallyport unmask`. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    return await unmask(args)
  } catch (error) {
    if (!(error instanceof AdminError) && !(error instanceof LoginError)) throw error
    process.stderr.write(`sallyport unmask: ${error.message}\n`)
    return 1
  }
}

async function unmask(args: readonly string[]): Promise<number> {
  const { values, positionals } = optionsOf(args)
  if (values.help === true) {
    process.stdout.write(usage)
    return 0
  }
  const { gateway, resource, token } = values
  if (gateway === undefined || resource === undefined || positionals.length === 0) {
    process.stderr.write(usage)
    return 1
  }
  const tokens = positionals.flatMap((one) =>
    one === '-'
      ? readFileSync(0, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [one],
  )
  const place = { environment: process.env, ...(token === undefined ? {} : { reference: token }) }
  const client = new AdminClient(gateway, await clientToken(terminalPorts, place))
  const { values: unmasked } = await client.post<{ readonly values: readonly (string | null)[] }>('/v1/unmask', {
    resource,
    tokens,
  })
  process.stdout.write(unmasked.map((value) => `${value ?? ''}\n`).join(''))
  return 0
}

function optionsOf(args: readonly string[]): ReturnType<typeof parsed> {
  try {
    return parsed(args)
  } catch (error) {
    throw new LoginError(error instanceof Error ? error.message : 'the command line cannot be read')
  }
}

function parsed(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      gateway: { type: 'string' },
      resource: { type: 'string' },
      token: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
}
