// A thread that parses long texts, so that a hostile one stops or breaks only this thread.
import { parentPort, workerData } from 'node:worker_threads'
import type { ServerMajor } from '../contract.ts'
import { loadGrammar } from './grammar.ts'

const majors: readonly ServerMajor[] = [15, 16, 17, 18]
const major = majors.find((one) => one === workerData)
if (parentPort === null || major === undefined) throw new Error('not started as a parser')
const port = parentPort
const grammar = await loadGrammar(major)

// The first texts are slow while the library's code is being compiled; no client's deadline should pay for that.
const warmUp = `SELECT 1 WHERE 1 IN (${Array.from({ length: 2_000 }, (_, index) => index).join()})`
for (let round = 0; round < 5; round++) grammar.parse(warmUp)

port.on('message', (text: unknown) => {
  const parsed = grammar.parse(String(text))
  try {
    port.postMessage(parsed)
  } catch {
    // A tree too deep to be sent is too deep to be judged.
    port.postMessage({ ok: false, clean: false, message: 'the tree is too deep', position: 0 })
  }
})
port.postMessage('ready')
