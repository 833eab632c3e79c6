// Two hundred clients a second that log in, or try to, at `sallyport serve`: what a key takes to come back meanwhile in a
// terminal that was open before, and whether every one of them had an answer. Needs `sshd`.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import ssh2, { type ClientChannel } from 'ssh2'
import { startSshGateway } from '../support/ssh-gateway.ts'
import { sshdMissing, startSshd } from '../support/sshd.ts'

/** The bench's name. */
export const name = 'ssh-flood'

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly ratio?: number
  readonly goal?: string
}
interface Flood {
  readonly accepted: number
  readonly refused: number
  readonly lost: number
  readonly seconds: number
}

const perSecond = 200
const seconds = Number(process.env['SALLYPORT_SSH_FLOOD_SECONDS'] ?? 5)

/** What the thread does, from its text: every second client has a token that counts. */
const flooder = `
const { workerData, parentPort } = require('node:worker_threads')
const { Client } = require('ssh2')
const { port, token, perSecond, seconds } = workerData
const end = { accepted: 0, refused: 0, lost: 0 }
let begun = 0
let ended = 0
const all = perSecond * seconds
const start = performance.now()
const done = (how) => {
  end[how]++
  if (++ended === all) parentPort.postMessage({ ...end, seconds: (performance.now() - start) / 1000 })
}
const one = (index) => {
  const client = new Client()
  let isDone = false
  const finish = (how) => {
    if (isDone) return
    isDone = true
    client.end()
    done(how)
  }
  client.on('ready', () => finish('accepted'))
  client.on('error', (error) => finish(error.level === 'client-timeout' ? 'lost' : 'refused'))
  client.on('close', () => finish('refused'))
  client.connect({ host: '127.0.0.1', port, username: 'web', password: index % 2 === 0 ? token : 'nothing', readyTimeout: 30000 })
}
const timer = setInterval(() => {
  const due = Math.min(all, Math.floor(((performance.now() - start) / 1000) * perSecond) + 1)
  while (begun < due) one(begun++)
  if (begun === all) clearInterval(timer)
}, 5)
`

/** Runs the bench. */
export async function run(): Promise<{ rows: Row[]; skipped?: string }> {
  if (sshdMissing !== false) return { rows: [], skipped: sshdMissing }
  const sshd = await startSshd()
  const gateway = await startSshGateway([{ name: 'web', ...sshd }], 'package policy.hosts\n\nallow if true\n')
  try {
    const client = new ssh2.Client()
    client.connect({ host: '127.0.0.1', port: gateway.port, username: 'web', password: gateway.token })
    await once(client, 'ready')
    client.setNoDelay(true)
    const terminal = await new Promise<ClientChannel>((resolve, reject) => {
      client.exec('stty raw echo; cat > /dev/null', { pty: true }, (error, opened) =>
        error ? reject(error) : resolve(opened),
      )
    })
    const echo = async (): Promise<number> => {
      const start = performance.now()
      terminal.write('k')
      await once(terminal, 'data')
      return performance.now() - start
    }
    const quiet: number[] = []
    for (let index = 0; index < 200; index++) quiet.push(await echo())
    const workerData = { port: gateway.port, token: gateway.token, perSecond, seconds }
    const worker = new Worker(flooder, { eval: true, workerData })
    let flood: Flood | undefined
    worker.once('message', (message: Flood) => {
      flood = message
    })
    const during: number[] = []
    while (flood === undefined) during.push(await echo())
    await worker.terminate()
    client.end()
    const all = perSecond * seconds
    return {
      rows: [
        { name: 'echo of a key, nobody else there, p50', value: at(quiet, 0.5), unit: 'ms' },
        {
          name: `echo of a key at ${perSecond} connections a second, p50`,
          value: at(during, 0.5),
          unit: 'ms',
          goal: '< 20',
        },
        {
          name: `echo of a key at ${perSecond} connections a second, p99`,
          value: at(during, 0.99),
          unit: 'ms',
          goal: '< 100',
        },
        { name: 'connections let in', value: flood.accepted, unit: `of ${all}` },
        { name: 'connections with an answer', value: 1 - flood.lost / all, unit: 'of 1', goal: '>= 0.99' },
        { name: 'connections answered a second', value: all / flood.seconds, unit: '/s' },
      ],
    }
  } finally {
    await gateway.close()
    await sshd.close()
  }
}

function at(times: readonly number[], part: number): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length * part)] ?? Number.NaN
}
