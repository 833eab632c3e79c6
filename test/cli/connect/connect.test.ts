// `sallyport connect`: what is printed is what the real clients understand, and holds no token.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { placeOf } from '../../../cli/connect/place.ts'
import { httpConnection, postgresConnection, quoted } from '../../../cli/connect/texts.ts'
import { generateSshKey } from '../../../proxy/identity/index.ts'

const bin = fileURLToPath(new URL('../../../bin/sallyport.js', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'sallyport-connect-'))
after(() => rmSync(home, { recursive: true }))
const sallyport = (...args: readonly string[]) =>
  spawnSync(process.execPath, [bin, 'connect', ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], SALLYPORT_HOME: home, SALLYPORT_TOKEN: 'canary.to:k\\en.x' },
  })
const printed = (...args: readonly string[]): string => {
  const { status, stdout, stderr } = sallyport(...args)
  assert.equal(status, 0, stderr)
  // With the dot: keys in base64 can hold any six letters.
  assert.doesNotMatch(stdout, /canary\.to/)
  return stdout
}
const hostKey = generateSshKey()
const caKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
writeFileSync(join(home, 'host.key'), hostKey.private, { mode: 0o600 })
writeFileSync(join(home, 'ca.key'), caKey, { mode: 0o600 })
for (const name of ['x', 'known']) writeFileSync(join(home, name), 'x', { mode: 0o600 })
const config = join(home, 'sallyport.yaml')
writeFileSync(
  config,
  `version: 1
gateway: { id: gate-1 }
listeners:
  - { protocol: ssh, name: ssh, address: "127.0.0.1:2222", host_keys: ["file:${join(home, 'host.key')}"] }
  - { protocol: http, name: http, address: "127.0.0.1:8080" }
  - { protocol: identity, name: identity, address: "127.0.0.1:9443" }
identity:
  issuers: [{ name: dev, issuer: "https://issuer.example", audiences: [sallyport] }]
  exchange: { issuer: "http://127.0.0.1:9443", key: "file:${join(home, 'ca.key')}" }
  user_authority: { key: "file:${join(home, 'ca.key')}" }
resources:
  - name: web
    protocol: ssh
    upstream: { host: web.example, port: 22, user: deploy, credential: "file:x", known_hosts: known }
  - name: crm
    protocol: http
    upstream: { url: "https://crm.example", hosts: [crm.internal], path_prefix: /crm }
bundles: { signed: false, sources: [{ kind: folder, name: main, path: policies }] }
storage: { kind: embedded, path: state.db }
recording: { store: { kind: folder, path: recordings }, signing_key: "file:x" }
`,
)

test('psql: a command with the token by substitution, a service file, and a password file of mode 600', () => {
  const ca = join(home, 'a b.pem')
  writeFileSync(ca, 'PEM')
  const options = ['shop', '--protocol', 'postgres', '--gateway', 'gate.example:6432', '--ca', ca]
  const text = printed(...options)
  assert.match(
    text,
    /^PGPASSWORD="\$\(sallyport token\)" psql 'host=gate.example port=6432 dbname=shop user=agent sslmode=verify-full /,
  )
  assert.match(text, /\[shop\]\nhost=gate.example\nport=6432\n/)
  printed(...options, '--save')
  const file = join(home, 'connect', 'shop', 'pgpass')
  assert.equal(readFileSync(file, 'utf8'), 'gate.example:6432:shop:agent:canary.to\\:k\\\\en.x\n')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  printed(...options, '--save')
  assert.match(
    printed('shop', '--protocol', 'postgres', '--gateway', '127.0.0.1:6432', '--cleartext'),
    /sslmode=disable/,
  )
})

test('ssh by certificate: ssh reads the file that is written and finds key, certificate and host key in it', (t) => {
  const text = printed('web', '--config', config, '--save')
  const folder = join(home, 'connect', 'web')
  assert.match(text, new RegExp(`^ssh -F ${folder}/ssh_config web\n`))
  assert.match(text, /Match originalhost web exec "sallyport ssh-cert web --gateway http:\/\/127.0.0.1:9443"/)
  const [type, key] = hostKey.public.split(' ')
  assert.equal(readFileSync(join(folder, 'known_hosts'), 'utf8'), `web.sallyport ${type} ${key}\n`)
  const shown = spawnSync('ssh', ['-G', '-F', join(folder, 'ssh_config'), 'web'], { encoding: 'utf8' })
  if (shown.error !== undefined) return t.diagnostic('ssh is not here: only the text was checked')
  assert.equal(shown.status, 0, shown.stderr)
  assert.match(shown.stdout, /^hostname 127\.0\.0\.1$/m)
  assert.match(shown.stdout, /^port 2222$/m)
  assert.match(shown.stdout, /^user web$/m)
  assert.match(shown.stdout, new RegExp(`^identityfile ${home}/ssh/web$`, 'm'))
  assert.match(shown.stdout, new RegExp(`^certificatefile ${home}/ssh/web-cert.pub$`, 'm'))
  assert.match(shown.stdout, /^stricthostkeychecking (yes|true)$/m)
})

test('ssh by token: the token comes from a program, not from the command line', () => {
  const known = hostKey.public.split(' ').slice(0, 2).join(' ')
  const text = printed('web', '--protocol', 'ssh', '--gateway', '[::1]:2222', '--known-key', known)
  assert.match(text, /^SSH_ASKPASS=\S+\/askpass SSH_ASKPASS_REQUIRE=force ssh -F /)
  assert.match(text, /exec sallyport token\n/)
  assert.match(text, /HostName ::1\n/)
})

test('ssh by authority: the gateway is known by who certified its key, under its own name', (t) => {
  const authority = hostKey.public.split(' ').slice(0, 2).join(' ')
  const options = ['web', '--protocol', 'ssh', '--gateway', 'gate.example:2222', '--known-authority', authority]
  const text = printed(...options, '--jump', 'db-1.internal:2022', '--save')
  const folder = join(home, 'connect', 'web')
  assert.equal(
    readFileSync(join(folder, 'known_hosts'), 'utf8'),
    `@cert-authority gate.example,[gate.example]:2222 ${authority}\n`,
  )
  assert.doesNotMatch(text, /HostKeyAlias/)
  assert.match(text, /ssh_config db-1\.internal\n/)
  const shown = spawnSync('ssh', ['-G', '-F', join(folder, 'ssh_config'), 'db-1.internal'], { encoding: 'utf8' })
  if (shown.error !== undefined) return t.diagnostic('ssh is not here: only the text was checked')
  assert.match(shown.stdout, /^proxyjump web$/m)
  assert.match(shown.stdout, /^port 2022$/m)
})

test("curl: the header goes by standard input, the name and prefix of the API are the configuration's", () => {
  const text = printed('crm', '--config', config, '--token', 'login:a')
  assert.equal(
    text,
    `printf 'authorization: Bearer %s' "$(sallyport token --token login:a)" | curl -H @- -H 'Host: crm.internal' http://127.0.0.1:8080/crm\n`,
  )
})

test('kubectl: a kubeconfig that asks for the token', () => {
  const text = printed('prod', '--protocol', 'kubernetes', '--gateway', 'gate.example:6443', '--token', 'login:k')
  const config = parse(
    text
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .slice(1)
      .join('\n'),
  )
  assert.equal(config.clusters[0].cluster.server, 'https://gate.example:6443/clusters/prod')
  assert.deepEqual(config.users[0].user.exec.args, ['kube-credential', '--token', 'login:k'])
})

const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['a resource that is not there', ['other', '--config', config], /no resource/],
  ['no protocol', ['web'], /--protocol/],
  ['a protocol that is none', ['web', '--protocol', 'ftp', '--gateway', 'a:1'], /one of/],
  ['a gateway that is a command', ['web', '--protocol', 'ssh', '--gateway', 'a;id:22'], /HOST:PORT/],
  ['a gateway that is an option', ['web', '--protocol', 'ssh', '--gateway=-oProxyCommand:22'], /HOST:PORT/],
  ['a resource that is a path', ['../x', '--protocol', 'ssh', '--gateway', 'a:1'], /named by/],
  [
    'an identity that is a command',
    ['web', '--protocol', 'ssh', '--gateway', 'a:1', '--identity', 'http://a";id'],
    /URL/,
  ],
  ['a jump that is an option', ['web', '--protocol', 'ssh', '--gateway', 'a:1', '--jump=-oProxyCommand'], /--jump/],
  ['a jump that is a line', ['web', '--protocol', 'ssh', '--gateway', 'a:1', '--jump', 'a\nHost b'], /--jump/],
  [
    'an authority with a second line',
    ['web', '--protocol', 'ssh', '--gateway', 'a:1', '--known-authority', 'a b\nc'],
    /ALGORITHM/,
  ],
  [
    'a host key with a second line',
    ['web', '--protocol', 'ssh', '--gateway', 'a:1', '--known-key', 'a b\nc'],
    /ALGORITHM/,
  ],
]
for (const [name, args, why] of wrong) {
  test(`prints nothing for ${name}`, () => {
    const { status, stdout, stderr } = sallyport(...args)
    assert.deepEqual([status, stdout], [1, ''])
    assert.match(stderr, why)
  })
}

test('whatever stands in a path or a user, the shell reads one word', () => {
  for (const text of ["it's", '$(id)', 'a b', '"', '`id`', '\\', "'; id; '"]) {
    const { stdout } = spawnSync('sh', ['-c', `printf %s ${quoted(text)}`], { encoding: 'utf8' })
    assert.equal(stdout, text)
  }
  const place = placeOf({ resource: 'shop', protocol: 'postgres', gateway: 'h:1', cleartext: false, ca: "/a'b c" })
  const { command } = postgresConnection(place, { command: 'true', user: "o'neil" }, '/f')
  const { stdout } = spawnSync('sh', ['-c', command.replace('psql', 'printf %s')], { encoding: 'utf8' })
  assert.equal(stdout, "host=h port=1 dbname=shop user='o\\'neil' sslmode=verify-full sslrootcert='/a\\'b c'")
  assert.match(httpConnection(place, { command: 'true', user: 'x' }).command, /--cacert '\/a'\\''b c' https:\/\/h:1\/$/)
})

test('the configuration of the environment counts where no gateway is named', () => {
  const { status, stdout } = spawnSync(process.execPath, [bin, 'connect', 'crm'], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], SALLYPORT_HOME: home, SALLYPORT_CONFIG: config },
  })
  assert.equal(status, 0)
  assert.equal(stdout, printed('crm', '--config', config))
  const named = spawnSync(process.execPath, [bin, 'connect', 'crm', '--protocol', 'http'], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], SALLYPORT_HOME: home, SALLYPORT_CONFIG: config },
  })
  assert.match(named.stderr, /give `--gateway`/)
})

test('psql gets its token from the issuer where the listener takes OAUTHBEARER', () => {
  const place = {
    ...placeOf({ resource: 'orders', protocol: 'postgres', gateway: 'gate.example:6432', cleartext: false }),
    oauthIssuer: 'https://login.example',
  }
  const { command, files } = postgresConnection(place, { command: 'sallyport token', user: 'agent' }, '/f', 'canary')
  assert.equal(
    command,
    "psql 'host=gate.example port=6432 dbname=orders user=agent sslmode=verify-full sslrootcert=system oauth_issuer=https://login.example oauth_client_id=psql require_auth=oauth'",
  )
  assert.deepEqual(
    files.map(({ name }) => name),
    ['pg_service.conf'],
  )
  assert.doesNotMatch(files[0]?.text ?? '', /canary|passfile/)
})
