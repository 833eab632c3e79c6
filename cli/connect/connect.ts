// `sallyport connect RESOURCE`: the exact command by which psql, ssh, kubectl or curl reaches it through the gateway.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import ssh2 from 'ssh2'
import { makeFolder } from '../../bundles/store/make-folder.ts'
import { decodeSshCertificate, parseSshLine, sshLine } from '../../proxy/identity/index.ts'
import { configNearby } from '../config/place.ts'
import { clientToken, secretOf } from '../identity/client-token.ts'
import { terminalPorts } from '../identity/login.ts'
import { LoginError } from '../identity/oidc-client.ts'
import { keyFile } from '../identity/ssh-cert.ts'
import { cacheFolder } from '../identity/token-cache.ts'
import { kubeconfigText, run as runKube } from '../kube/connect.ts'
import { type ConnectAsked, type Place, placeOf } from './place.ts'
import { type Connection, httpConnection, postgresConnection, quoted, sshConnection, type TokenWords } from './texts.ts'

const usage = `usage: sallyport connect RESOURCE --config sallyport.yaml [options]
       sallyport connect RESOURCE --protocol postgres|ssh|kubernetes|http --gateway HOST:PORT [options]
       sallyport connect kubernetes --server URL --cluster NAME [--help]

  --config FILE, -c    the gateway's configuration, where this machine has it, else SALLYPORT_CONFIG, else sallyport.yaml in
                       this folder; says protocol and address
  --protocol NAME      what the resource speaks
  --gateway HOST:PORT  where the gateway's listener is
  --cleartext          the listener has no TLS
  --ca FILE            PEM file of the authority of the gateway's certificate
  --identity URL       the gateway's identity listener, for SSH by certificate
  --known-key LINE     the gateway's SSH host key, ALGORITHM BASE64; repeatable
  --known-authority LINE
                       the authority that certifies the gateway's SSH host keys, ALGORITHM BASE64; repeatable
  --jump HOST[:PORT]   an SSH host that is reached through the resource, as by ProxyJump
  --user NAME          user name for psql (agent)
  --token REFERENCE    where the token is: login:NAME, file:PATH, env:NAME or exec:COMMAND
  --save               write the files that are printed, and a token into pgpass

prints the command and the files behind it; a token is never printed
`

/** Prints how to connect. Exit 1 when that is not known. */
export async function run(args: readonly string[]): Promise<number> {
  if (args[0] === 'kubernetes' && args.some((one) => one === '--server' || one === '--help')) return runKube(args)
  try {
    const found = read(args)
    if (found === undefined) {
      process.stdout.write(usage)
      return 0
    }
    const { asked, more } = found
    process.stdout.write(await connect(placeOf(asked), more))
    return 0
  } catch (error) {
    if (!(error instanceof LoginError)) throw error
    process.stderr.write(`sallyport connect: ${error.message}\n`)
    return 1
  }
}

interface More {
  readonly token?: string
  readonly user: string
  readonly known: readonly string[]
  readonly authorities: readonly string[]
  readonly jump?: { readonly host: string; readonly port: number }
  readonly save: boolean
}

async function connect(place: Place, more: More): Promise<string> {
  const folder = join(dirname(cacheFolder(process.env)), 'connect', place.resource)
  const made = await connectionOf(place, more, folder)
  if (more.save) {
    makeFolder(folder, 0o700)
    for (const { name, text, mode } of made.files) {
      rmSync(join(folder, name), { force: true })
      writeFileSync(join(folder, name), text, { mode, flag: 'wx' })
    }
  }
  const lines = made.files
    .filter(({ name }) => name !== 'pgpass')
    .flatMap(({ name, text }) => ['', `# ${join(folder, name)}${more.save ? ' (written)' : ''}`, text.trimEnd()])
  return `${[made.command, ...made.remarks.map((one) => `# ${one}`), ...lines].join('\n')}\n`
}

async function connectionOf(place: Place, more: More, folder: string): Promise<Connection> {
  const environment = process.env
  const { token, user, known, save } = more
  const words: TokenWords = {
    command: `sallyport token${token === undefined ? '' : ` --token ${quoted(token)}`}`,
    user,
  }
  switch (place.protocol) {
    case 'postgres': {
      const from = token === undefined ? { environment } : { environment, reference: token }
      return postgresConnection(place, words, folder, save ? await clientToken(terminalPorts, from) : undefined)
    }
    case 'ssh': {
      const own = await Promise.all(place.hostKeys.map((one) => secretOf(terminalPorts, environment, one)))
      const lines = [...known, ...own.map(publicLine)]
      return sshConnection(place, words, folder, {
        keyFile: keyFile(environment, place.resource),
        known: lines,
        authorities: [...new Set([...more.authorities, ...place.hostCertificates.map(authorityLine)])],
        ...(more.jump === undefined ? {} : { jump: more.jump }),
      })
    }
    case 'http':
      return httpConnection(place, words)
    case 'kubernetes': {
      const { resource, host, port, tls, ca } = place
      const server = `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
      const options = { ...(ca === undefined ? {} : { ca }), ...(token === undefined ? {} : { token }) }
      return {
        command: `kubectl --kubeconfig ${quoted(`${folder}/kubeconfig`)} get pods`,
        files: [{ name: 'kubeconfig', text: kubeconfigText({ server, cluster: resource, ...options }), mode: 0o600 }],
        remarks: save ? [] : ['write the file by --save'],
      }
    }
  }
}

/** The authority that signed the certificate in a file. */
function authorityLine(path: string): string {
  try {
    const { authority } = decodeSshCertificate(parseSshLine(readFileSync(path, 'utf8').trim()).blob)
    return sshLine(authority.algorithm, authority.blob).trim()
  } catch {
    throw new LoginError('a host certificate of the configuration cannot be read')
  }
}

/** `HOST` or `HOST:PORT`, of letters that an ssh_config takes as they are. */
function jumpOf(text: string): { readonly host: string; readonly port: number } {
  const [, host, port = '22'] = /^([A-Za-z0-9][A-Za-z0-9._-]*)(?::([0-9]{1,5}))?$/.exec(text) ?? []
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) throw new LoginError('`--jump` is HOST[:PORT]')
  return { host, port: Number(port) }
}

/** The public line of a private host key. */
function publicLine(pem: string): string {
  const parsed = ssh2.utils.parseKey(pem)
  if (parsed instanceof Error) throw new LoginError('a host key of the configuration cannot be read')
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  if (key === undefined) throw new LoginError('a host key of the configuration cannot be read')
  return `${key.type} ${key.getPublicSSH().toString('base64')}`
}

function read(args: readonly string[]): { readonly asked: ConnectAsked; readonly more: More } | undefined {
  const text = { type: 'string' } as const
  const parsed = () =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        config: { type: 'string', short: 'c' },
        protocol: text,
        gateway: text,
        identity: text,
        ca: text,
        user: text,
        token: text,
        'known-key': { type: 'string', multiple: true },
        'known-authority': { type: 'string', multiple: true },
        jump: text,
        cleartext: { type: 'boolean' },
        save: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
  let found: ReturnType<typeof parsed>
  try {
    found = parsed()
  } catch (error) {
    throw new LoginError(error instanceof Error ? error.message : 'the command line cannot be read')
  }
  const { help, cleartext = false, save = false, user = 'agent', token, ca, protocol, gateway, identity } = found.values
  // What names a protocol or a gateway needs no configuration, and may mean another gateway than that of the environment.
  const isNamed = protocol !== undefined || gateway !== undefined
  const config = found.values.config ?? (isNamed ? undefined : configNearby(process.env))
  if (help === true) return undefined
  const [resource, ...others] = found.positionals
  if (resource === undefined || others.length > 0) throw new LoginError('name one resource; `--help` says more')
  if (identity !== undefined && !/^https?:\/\/[A-Za-z0-9.:[\]/_-]+$/.test(identity))
    throw new LoginError('`--identity` is a URL')
  const { 'known-key': known = [], 'known-authority': authorities = [], jump } = found.values
  for (const line of [...known, ...authorities]) {
    try {
      parseSshLine(line)
    } catch {
      throw new LoginError('`--known-key` and `--known-authority` are ALGORITHM BASE64')
    }
  }
  return {
    asked: {
      resource,
      cleartext,
      ...(config === undefined ? {} : { config }),
      ...(protocol === undefined ? {} : { protocol }),
      ...(gateway === undefined ? {} : { gateway }),
      ...(identity === undefined ? {} : { identity }),
      ...(ca === undefined ? {} : { ca: resolve(ca) }),
    },
    more: {
      user,
      save,
      known,
      authorities,
      ...(jump === undefined ? {} : { jump: jumpOf(jump) }),
      ...(token === undefined ? {} : { token }),
    },
  }
}
