// Joins a client's SFTP channel to a host's, with every request followed.
import type { ServerChannel } from 'ssh2'
import { type Joined, refusalText } from '../channel.ts'
import type { HostChannel } from '../upstream.ts'
import { pass, valveOf } from '../valve.ts'
import { SftpSession } from './session.ts'

/** Joins the two until either ends. */
export function joinSftp(client: ServerChannel, opened: HostChannel, joined: Joined): void {
  const { session, terms, hashKey, transport, refuse, end, onError } = joined
  const { channel: host } = opened
  const [up, down] = [valveOf(client), valveOf(host)]
  const sftp = new SftpSession({
    session,
    hashKey,
    toClient: (bytes) => {
      if (!session.observe('wire_down', bytes)) session.onDrain(down.hold())
      pass(bytes, down, client, transport)
    },
    toHost: (bytes) => {
      if (!session.observe('wire_up', bytes)) session.onDrain(up.hold())
      pass(bytes, up, host, opened.transport)
    },
    holdClient: () => up.hold(),
    mayRead: (bytes, ofFile) => {
      const budget = session.consume({ bytes }, ofFile ?? terms)
      if (!budget.within) refuse(budget.refusal)
      return budget.within
    },
    tell: (text) => client.stderr.write(text),
    end: (refusal) => {
      if (refusal === undefined) client.stderr.write('sallyport: the SFTP session is not understood\n')
      else client.stderr.write(refusalText(refusal))
      client.exit(1)
      client.end()
      end()
    },
    onError,
  })
  client.on('data', (bytes: Buffer) => sftp.fromClient(bytes))
  client.on('end', () => host.end())
  host.on('data', (bytes: Buffer) => sftp.fromHost(bytes))
  host.stderr.on('data', (bytes: Buffer) => client.stderr.write(bytes))
  for (const side of [client, host]) side.on('error', () => undefined)
  client.on('close', () => sftp.close())
  host.on('close', () => {
    sftp.close()
    const ended = opened.exit()
    client.write(nothing, () => {
      client.exit(ended?.code ?? 255)
      client.end()
    })
    end()
  })
}

const nothing = Buffer.alloc(0)
