// `sallyport sessions fetch SESSION --url`: a recording from a running gateway, where its policy lets the asker have it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../../bundles/store/make-folder.ts'
import { AdminClient, AdminError } from '../approvals/client.ts'

/** From where, as whom, and to where. */
export interface ViewAsked {
  readonly url: string
  readonly token: string | undefined
  readonly session: string
  readonly dir: string
}

/** Brings the segments of one session. 0 when they are all there. */
export async function view({ url, token, session, dir }: ViewAsked): Promise<number> {
  const client = new AdminClient(url, token)
  const path = `/v1/recordings/${encodeURIComponent(session)}`
  try {
    const { segments } = await client.get<{ readonly segments?: unknown }>(path)
    const names = Array.isArray(segments) ? segments.map(String) : []
    if (names.length === 0 || !names.every((name) => /^\d{6,12}\.segment$/.test(name)))
      throw new AdminError(0, 'the gateway does not name segments')
    const folder = join(dir, 'sessions', session)
    makeFolder(folder, 0o700)
    for (const name of names) writeFileSync(join(folder, name), await client.bytes(`${path}/${name}`), { mode: 0o600 })
    return 0
  } catch (error) {
    if (!(error instanceof AdminError)) throw error
    process.stderr.write(`sallyport sessions: ${error.message}\n`)
    return 1
  }
}
