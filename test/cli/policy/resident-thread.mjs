// The thread between a test that waits and the process that runs command lines.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { workerData } from 'node:worker_threads'

const { done, port } = workerData
const env = { ...process.env, NO_COLOR: '1' }
const child = fork(fileURLToPath(new URL('./resident.mjs', import.meta.url)), { env, execArgv: [], silent: true })
child.unref()
child.channel.unref()
const wake = () => {
  Atomics.store(done, 0, 1)
  Atomics.notify(done, 0)
}
child.on('message', (ran) => {
  port.postMessage(ran)
  wake()
})
child.on('exit', wake)
port.on('message', (run) => child.send(run))
