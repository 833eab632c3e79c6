// How fast the machine is for us just now: for tests that hold a time of the product to a goal.
import { Worker } from 'node:worker_threads'

/** What `work` takes on the machine that the goals were set on, when nothing else runs there. */
const referenceMs = 20
const threads = 2
const spinMs = 200
/** Two threads that have a processor each get nearly twice the time that goes by. */
const calmShare = 0.9

/** How many times as long the machine needs now as the one that the goals were set on; at least 1. */
export function slowness(): number {
  const took = Array.from({ length: 5 }, () => {
    const startedMs = performance.now()
    work()
    return performance.now() - startedMs
  })
  return Math.max(1, (took.sort((a, b) => a - b)[2] ?? referenceMs) / referenceMs)
}

/** Whether two threads of ours have a processor each: where they share with others, ratios of times say nothing of us. */
export async function isCalm(): Promise<boolean> {
  const spin = `const until = performance.now() + ${spinMs}; while (performance.now() < until);`
  const ready = `require('node:worker_threads').parentPort.postMessage('ready');`
  const worker = new Worker(`${ready} require('node:worker_threads').parentPort.once('message', () => { ${spin} })`, {
    eval: true,
  })
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  await new Promise<void>((resolve) => worker.once('message', () => resolve()))
  const [startedMs, before] = [performance.now(), process.cpuUsage()]
  worker.postMessage('go')
  while (performance.now() < startedMs + spinMs);
  const { user, system } = process.cpuUsage(before)
  const share = (user + system) / 1000 / (performance.now() - startedMs) / threads
  await ended
  return share > calmShare
}

function work(): number {
  let state = 1
  for (let at = 0; at < 20_000_000; at++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
  return state
}
