// `sallyport approver enroll`: makes an approver's key and says what the gateway's configuration needs.
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeFolder } from '../../bundles/store/make-folder.ts'

const usage = `usage: sallyport approver enroll --subject WHO --issuer URL [--groups A,B] [--out FOLDER]

  Makes an Ed25519 key. The private part stays in FOLDER (mode 600); the public part and the printed lines go to
  whoever runs the gateway, who writes them under approvals.approvers.

  --subject WHO --issuer URL   the person, as the identity provider names them: nobody answers for themselves
  --groups A,B                 the groups of reviewers that a hold may name
  --out FOLDER                 where the key goes (.sallyport/approver)
`

/** Runs `sallyport approver`. Exit 0 made, 1 wrong usage or a key is there already. */
export async function run(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage)
    return 0
  }
  let values: { subject?: string; issuer?: string; groups?: string; out?: string }
  let positionals: string[]
  try {
    const parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        subject: { type: 'string' },
        issuer: { type: 'string' },
        groups: { type: 'string' },
        out: { type: 'string' },
      },
    })
    values = parsed.values
    positionals = parsed.positionals
  } catch {
    positionals = []
    values = {}
  }
  const { subject, issuer, groups = '', out = '.sallyport/approver' } = values
  if (positionals.join(' ') !== 'enroll' || subject === undefined || issuer === undefined) {
    process.stderr.write(usage)
    return 1
  }
  if (existsSync(join(out, 'approver.json'))) {
    process.stderr.write(`sallyport approver: ${out} holds an approver already; choose another folder\n`)
    return 1
  }
  enroll(out, { subject, issuer })
  const listed = groups.split(',').filter((group) => group !== '')
  process.stdout.write(`Private key and profile: ${out} (keep it)

For the gateway's sallyport.yaml:

approvals:
  approvers:
    - { subject: ${JSON.stringify(subject)}, issuer: ${JSON.stringify(issuer)}, groups: ${JSON.stringify(listed)}, key: PATH/approver.pub.pem }

with ${join(out, 'approver.pub.pem')} copied to PATH. Answer with

  sallyport approvals approve ID --approver ${join(out, 'approver.json')}
`)
  return 0
}

/** Writes key, public key and profile. */
export function enroll(folder: string, approver: { readonly subject: string; readonly issuer: string }): void {
  makeFolder(folder, 0o700)
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  writeFileSync(join(folder, 'approver.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  writeFileSync(join(folder, 'approver.pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
  writeFileSync(join(folder, 'approver.json'), `${JSON.stringify({ ...approver, key: 'approver.pem' }, null, 2)}\n`)
}
