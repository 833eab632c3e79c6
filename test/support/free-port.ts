// Ports for programs that cannot be asked for port 0.
import { once } from 'node:events'
import { createServer } from 'node:net'

// Below the ports that Linux gives out itself, and for each process at another place: until the program listens, nobody
// else is given the port.
const lowest = 10_000
const portsEach = 40
const processes = 500
let given = 0

/** A port that is free, and that neither another test file nor a connection that is made meanwhile gets. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + (process.pid % processes) * portsEach + (given++ % portsEach)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
