// The admin listener of a configuration: health, readiness and metrics.
import { startAdmin } from '../../proxy/admin/index.ts'
import type { AdminListener } from '../../proxy/config/index.ts'
import type { Gateway, Running } from './gateway.ts'
import { resolveSecret } from './secrets.ts'

/** Starts it. Without a token the configuration accepts loopback addresses only. */
export async function startAdminListener(gateway: Gateway, listener: AdminListener): Promise<Running> {
  const { metrics, notReady, log } = gateway
  const token = listener.token === undefined ? {} : { token: await resolveSecret(listener.token) }
  const { host, port } = listener.address
  const admin = await startAdmin({ host, port, metrics, notReady, ...token })
  log.info({ listener: listener.name, port: admin.port }, 'listening')
  return admin
}
