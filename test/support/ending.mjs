// Loaded before every test file: a file whose tests are over ends. What a failed test left open (a listener, a connection, a
// child) would keep the process, and with it the whole run, for ever.
import { after } from 'node:test'

const graceMs = Number(process.env.TEST_GRACE_MS ?? 60_000)

// This hook is the first of the file's own: what they have to close is closed within the grace.
after(() => {
  setTimeout(() => {
    const left = process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap')
    process.stderr.write(`${process.argv[1]}: still open ${graceMs / 1000} s after the last test: ${left.join(', ')}\n`)
    process.exit(1)
  }, graceMs).unref()
})
