// A policy store that fetches one revision after the other until it is killed: `tsx store-child.ts FOLDER URL`.
import { killedStore } from './killed-store.ts'

const [folder = '', url = ''] = process.argv.slice(2)
const store = killedStore({
  folder,
  url,
  pollMs: 2,
  aside: true,
  onEvent: (event) => {
    // Written by hand and at once: what was said before the kill counts.
    process.stdout.write(event.on === 'swapped' ? `live ${event.revision}\n` : `${event.on}\n`)
  },
})
await store.start()
// The timers of a source keep no process alive.
setInterval(() => undefined, 1_000)
