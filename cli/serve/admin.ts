// The admin listener of a configuration: health, readiness and metrics.
import { readFileSync } from 'node:fs'
import { startAdmin } from '../../proxy/admin/index.ts'
import type { AdminListener } from '../../proxy/config/index.ts'
import type { Gateway, Running } from './gateway.ts'
import { resolveSecret } from './secrets.ts'

/** Starts it. Without a token the configuration accepts loopback addresses only. */
export async function startAdminListener(gateway: Gateway, listener: AdminListener): Promise<Running> {
  const { metrics, notReady, adminRoutes, openAdminRoutes, log } = gateway
  const token = listener.token === undefined ? {} : { token: await resolveSecret(listener.token) }
  const { host, port } = listener.address
  const { tls } = listener
  const encrypted =
    tls === undefined
      ? {}
      : {
          tls: {
            cert: readFileSync(tls.certificate),
            key: await resolveSecret(tls.key),
            minVersion: tls.minVersion,
            ...(tls.clientCa === undefined ? {} : { ca: readFileSync(tls.clientCa) }),
          },
          clientCertificates: tls.clientCa !== undefined,
        }
  const routes = { routes: adminRoutes, openRoutes: openAdminRoutes }
  const admin = await startAdmin({ host, port, metrics, notReady, ...routes, ...token, ...encrypted })
  log.info({ listener: listener.name, port: admin.port }, 'listening')
  return admin
}
