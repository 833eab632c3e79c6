// client-go itself before a real API server, through `sallyport serve` and direct: an informer as dashboards and controllers
// have it, a list by pages, changes, and exec over both transports print the same. It is built first, which takes minutes,
// so it runs where SALLYPORT_KUBE_GO=1 asks for it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { clusterMissing } from '../support/kube-cluster.ts'
import { Kubectl, type Side } from '../support/kubectl.ts'

const clients = fileURLToPath(new URL('kubernetes-clients', import.meta.url))
const skip =
  clusterMissing() ?? (process.env['SALLYPORT_KUBE_GO'] === '1' ? false : 'SALLYPORT_KUBE_GO=1 asks for client-go')
const buildMs = 600_000

let sides: Kubectl
before(async () => {
  if (skip === false) sides = await Kubectl.start()
})
after(async () => {
  if (skip === false) await sides.stop()
})

test('an informer, pages, changes and exec of client-go', { skip }, async (t) => {
  const place = join(sides.home, 'go')
  mkdirSync(place)
  for (const file of ['go.mod', 'flow.go']) copyFileSync(join(clients, file), join(place, file))
  // The caches of Go are the user's own; HOME of the commands here is a folder that goes away.
  const built = spawnSync('go', ['build', '-mod=mod', '-o', 'flow', '.'], {
    cwd: place,
    encoding: 'utf8',
    timeout: buildMs,
  })
  const why = built.status === 0 ? false : `client-go cannot be built here: ${built.stderr ?? built.error?.message}`
  const run = async (side: Side, space: string): Promise<string> => {
    const { out, err } = await sides.command(join(place, 'flow'), side, [space])
    return out + err
  }
  await t.test('client-go', { skip: why }, async () => {
    const [direct, through] = [await run('direct', 'one'), await run('through', 'two')]
    assert.equal(through, direct)
    assert.match(
      direct,
      /^added page-a 1\nadded page-b 1\nadded page-c 1\nchanged page-b 2\n(?:listed .*\n)*listed page-c\n/,
    )
    assert.match(direct, /deleted page-c 1\n(?:exec "typed\\n" "done\\n" command terminated with exit code 7\n){2}$/)
  })
})
