// SFTP sessions fed with packets that are almost right: nothing that policy refuses reaches the host, and whatever is not
// understood ends the session.
import type { ActionDocument } from '../../engine/action/index.ts'
import { types } from '../../proxy/ssh/sftp/messages.ts'
import { results } from '../support/gate.ts'
import { packet, sftpTable } from '../support/sftp-host.ts'

export const name = 'sftp'

const paths = ['/srv/a', '/etc/passwd', '/srv/../etc/passwd', 'relative', '.', '', '/srv/\0x', '/srv/link', '//srv//x/']
const kinds = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 200, 0, 101, 255]

/** Runs until the deadline. */
export async function run(
  random: () => number,
  deadlineMs: number,
): Promise<{ readonly cases: number; readonly failures: string[] }> {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const failures: string[] = []
  let cases = 0
  while ((cases === 0 || Date.now() < deadlineMs) && failures.length < 5) {
    const table = await sftpTable(Buffer.alloc(100, 'x'))
    table.real
      .set('/srv/link', pick(['/etc/passwd', '/srv/b']))
      .set('/srv/../etc/passwd', '/etc/passwd')
      .set('//srv//x/', '/srv/x')
    table.gate.live.answer = (input) => {
      const { action } = input as ActionDocument
      const file = action.shell?.file
      const isOutside = [file?.path, file?.target].some((path) => path !== undefined && !path.startsWith('/srv/'))
      return action.operation === 'connect' || !isOutside ? results.allow : results.deny
    }
    for (let index = 0; index < 40 && table.ended === undefined; index++) {
      const kind = pick(kinds)
      const id = Math.floor(random() * 20)
      const request =
        kind === types.open
          ? packet(kind, id, pick(paths), Math.floor(random() * 64), 0)
          : kind === types.read || kind === types.write
            ? packet(kind, id, pick(['h0', 'h1', 'h9']), 0n, kind === types.read ? 10 : 'data')
            : kind === types.rename || kind === types.symlink
              ? packet(kind, id, pick(paths), pick(paths))
              : kind === types.setstat || kind === types.mkdir
                ? packet(kind, id, pick(paths), 0)
                : kind === types.extended
                  ? packet(kind, id, pick(['posix-rename@openssh.com', 'x']), pick(paths), pick(paths))
                  : packet(kind, id, kind === types.close || kind === types.fstat ? pick(['h0', 'h1']) : pick(paths))
      if (random() < 0.02) request.writeUInt8(Math.floor(random() * 256), Math.floor(random() * request.length))
      const cut = random() < 0.3 ? Math.floor(random() * request.length) : request.length
      table.send(request.subarray(0, cut))
      table.send(request.subarray(cut))
      if (random() < 0.5) await new Promise(setImmediate)
      cases++
    }
    await new Promise(setImmediate)
    const outside = table.asked.filter(
      (request) =>
        ('path' in request && !request.path.toString().startsWith('/srv/')) ||
        ('target' in request && request.kind !== 'symlink' && !request.target.toString().startsWith('/srv/')),
    )
    for (const { kind } of outside) failures.push(`${kind} outside of what is allowed reached the host`)
    table.session.close()
  }
  return { cases, failures }
}
