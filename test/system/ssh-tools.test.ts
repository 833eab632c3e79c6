// What people automate with, through the gateway to a real `sshd`: Ansible and paramiko. Debian: ansible-core,
// python3-paramiko; each is skipped with its name where it is not installed.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type SshGateway, startSshGateway } from '../support/ssh-gateway.ts'
import { programMissing, type Sshd, sshdMissing, startSshd } from '../support/sshd.ts'

const skip = sshdMissing || programMissing('ssh', ['-V'])
const noAnsible = skip || programMissing('ansible')
const python = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-W', 'ignore', '-c', 'import paramiko']).status === 0,
)
const noParamiko = skip || (python === undefined ? 'paramiko is not installed' : false)
const folder = mkdtempSync(join(tmpdir(), 'ssh-tools-'))
let sshd: Sshd
let gateway: SshGateway

before(async () => {
  if (skip !== false) return
  const keygen = (...args: string[]): void => assert.equal(spawnSync('ssh-keygen', ['-q', ...args]).status, 0)
  for (const name of ['authority', 'key']) keygen('-t', 'ed25519', '-N', '', '-f', join(folder, name))
  keygen('-s', join(folder, 'authority'), '-I', 'robot', '-n', 'web', '-V', '-1m:+30m', join(folder, 'key.pub'))
  sshd = await startSshd()
  gateway = await startSshGateway(
    [{ name: 'web', ...sshd }],
    `package policy.hosts
allow if input.action.verb == "connect"
allow if input.action.shell.operation in {"subsystem", "sftp", "shell"}
allow if {
	input.action.shell.operation == "exec"
	not contains(input.action.text, "forbidden")
}
`,
    `, user_authorities: ["${join(folder, 'authority.pub')}"]`,
  )
})
after(async () => {
  if (skip !== false) return
  await gateway.close()
  await sshd.close()
  rmSync(folder, { recursive: true, force: true })
})

test('Ansible pings, runs a command and copies a file', { skip: noAnsible }, async () => {
  const inventory = join(folder, 'inventory')
  writeFileSync(
    inventory,
    `web ansible_host=web ansible_remote_tmp=${join(folder, 'remote')} ansible_python_interpreter=/usr/bin/python3\n`,
  )
  const env = {
    ...gateway.env,
    ANSIBLE_SSH_ARGS: `-F ${gateway.clientConfig} -i ${join(folder, 'key')} -o IdentitiesOnly=yes`,
    ANSIBLE_LOCAL_TEMP: join(folder, 'local'),
    ANSIBLE_HOME: join(folder, 'home'),
    ANSIBLE_NOCOLOR: '1',
  }
  const ansible = (module: string, args: string) =>
    gateway.run('ansible', ['-i', inventory, 'web', '-m', module, '-a', args], '', { env, timeout: 120_000 })
  const ping = await ansible('ping', '')
  assert.equal(ping.code, 0, ping.err + ping.out.toString())
  assert.match(ping.out.toString(), /"ping": "pong"/)
  writeFileSync(join(folder, 'source'), 'copied\n')
  const copy = await ansible('copy', `src=${join(folder, 'source')} dest=${join(folder, 'target')}`)
  assert.equal(copy.code, 0, copy.err + copy.out.toString())
  assert.equal(readFileSync(join(folder, 'target'), 'utf8'), 'copied\n')
  const refused = await ansible('raw', 'echo forbidden')
  assert.notEqual(refused.code, 0)
  assert.match(refused.out.toString() + refused.err, /sallyport: rule/)
})

test('paramiko runs commands, opens a terminal and moves files', { skip: noParamiko }, async () => {
  const script = `
import hashlib, os, paramiko, sys
port, token, known, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
client = paramiko.SSHClient()
client.load_host_keys(known)
client.connect('127.0.0.1', port=port, username='web', password=token, look_for_keys=False, allow_agent=False)
def run(command, text=b''):
    stdin, stdout, stderr = client.exec_command(command)
    stdin.write(text)
    stdin.channel.shutdown_write()
    return stdout.read(), stderr.read(), stdout.channel.recv_exit_status()
assert run('echo hello; exit 3') == (b'hello\\n', b'', 3)
big = os.urandom(3 * 1024 * 1024)
assert run('cat', big) == (big, b'', 0)
out, err, code = run('echo forbidden')
assert (out, code) == (b'', 126) and b'sallyport: rule' in err, (out, err, code)
sftp = client.open_sftp()
with sftp.file(folder + '/paramiko', 'wb') as f:
    f.set_pipelined(True)
    f.write(big)
with sftp.file(folder + '/paramiko', 'rb') as f:
    f.prefetch()
    assert hashlib.sha256(f.read()).digest() == hashlib.sha256(big).digest()
assert sftp.stat(folder + '/paramiko').st_size == len(big)
assert 'paramiko' in sftp.listdir(folder)
sftp.rename(folder + '/paramiko', folder + '/renamed')
sftp.remove(folder + '/renamed')
shell = client.invoke_shell(width=90, height=30)
shell.send(b'stty size; exit\\n')
seen = b''
while True:
    got = shell.recv(65536)
    if not got: break
    seen += got
assert b'30 90' in seen, seen
client.close()
`
  const { code, err } = await gateway.run(python ?? '', [
    '-W',
    'ignore',
    '-c',
    script,
    String(gateway.port),
    gateway.token,
    join(gateway.folder, 'gateway-known'),
    folder,
  ])
  assert.equal(code, 0, err)
})
