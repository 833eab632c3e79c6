// What the doctor asks of others: issuers, the policy, shared state and keys. All through the parts that the
// gateway itself uses, so that what is well here is well there.
import { X509Certificate } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoreEvent } from '../../bundles/store/index.ts'
import type { Config } from '../../proxy/config/index.ts'
import { signerFromPem, wrapperFromKey } from '../../proxy/recording/index.ts'
import { believedOf } from '../serve/identity.ts'
import { storageOf, storeOf } from '../serve/parts.ts'
import { resolveSecret } from '../serve/secrets.ts'
import { explained } from './cause.ts'
import { type Finding, fail, finding, ok, warn } from './finding.ts'

const reachMs = 5000
const skewMsMost = 5000
const dayMs = 86_400_000
const expiresSoonDays = 14

/** Keys and certificates: readable, of the right kind, and still good for a while. */
export async function keyFindings(config: Config): Promise<readonly Finding[]> {
  const { recording, listeners } = config
  const found = await finding('recording key', 'make one with `sallyport init`, mode 600', async () => {
    signerFromPem(await resolveSecret(recording.signingKey))
    if (recording.encryptionKey === undefined)
      return warn('recording key', 'recordings are not sealed', 'set `recording.encryption_key`')
    wrapperFromKey(await resolveSecret(recording.encryptionKey))
    return ok('recording key', 'signs and seals')
  })
  for (const listener of listeners) {
    if (!('tls' in listener) || listener.tls === undefined) continue
    const about = `certificate of ${listener.name}`
    const { certificate, key } = listener.tls
    found.push(
      ...(await finding(about, 'give a PEM certificate and its key', async () => {
        const read = new X509Certificate(readFileSync(certificate))
        await resolveSecret(key)
        const days = Math.floor((Date.parse(read.validTo) - Date.now()) / dayMs)
        if (days < 0) return fail(about, `expired ${-days} days ago`, 'renew it')
        return days < expiresSoonDays
          ? warn(about, `expires in ${days} days`, 'renew it')
          : ok(about, `good for ${days} days`)
      })),
    )
  }
  return found
}

/** Issuers: their keys can be had, and their clock agrees with ours. */
export async function issuerFindings(config: Config): Promise<readonly Finding[]> {
  const found = await finding('identity', 'see the message', async () => {
    await believedOf(config)
    return ok(
      'identity',
      `${counted(config.identity.issuers.length, 'issuer', 'issuers')}, ${counted(config.identity.certificates.length, 'authority', 'authorities')}`,
    )
  })
  for (const { name, issuer, jwks, ca } of config.identity.issuers) {
    if (jwks !== undefined && !jwks.startsWith('http')) continue
    const about = `issuer ${name}`
    const url = jwks ?? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    if (ca !== undefined) continue
    found.push(
      ...(await finding(about, `make ${new URL(url).host} reachable from here`, async () => {
        const response = await reached(url)
        if (!response.ok) return fail(about, `${url} answers ${response.status}`, 'check the issuer and its address')
        const skewMs = Math.abs(Date.parse(response.headers.get('date') ?? '') - Date.now())
        return skewMs > skewMsMost
          ? warn(
              about,
              `its clock differs by ${Math.round(skewMs / 1000)} s`,
              'set the clock by NTP: tokens are judged by it',
            )
          : ok(about, 'answers, and its clock agrees')
      })),
    )
  }
  return found
}

async function reached(url: string): Promise<Response> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(reachMs) })
    await response.body?.cancel()
    return response
  } catch (cause) {
    const { detail } = explained(new Error(`${url} does not answer`, { cause }), '')
    throw new Error(detail)
  }
}

/** The policy: delivered, verified, compiled and able to decide. */
export function policyFindings(config: Config): Promise<Finding[]> {
  return finding('policy', 'see `sallyport policy check`', async () => {
    const told: StoreEvent[] = []
    // What the gateway keeps is not the doctor's to read or to change.
    const cache = mkdtempSync(join(tmpdir(), 'sallyport-doctor-'))
    const aside = { ...config, bundles: { ...config.bundles, cache } }
    const store = await storeOf(aside, (event) => told.push(event))
    try {
      await store.start()
      if (store.ready()) {
        const live = store.status().map(({ name, active_revision: revision }) => `${name} ${revision}`.trim())
        const detail = `live: ${live.join(', ')}`
        return config.bundles.signed
          ? ok('policy', detail)
          : warn('policy', `${detail}; bundles need no signature`, 'sign them, and set `bundles.signed: true`')
      }
      const refused = told.find((event) => event.on === 'refused' || event.on === 'source_failed')
      const why = refused !== undefined && 'message' in refused ? refused.message : 'no bundle came'
      return fail('policy', why, 'see `sallyport policy check`; without a policy everything is refused')
    } finally {
      await store.close()
      rmSync(cache, { recursive: true, force: true })
    }
  })
}

/** Shared state: it opens and answers. */
export function storageFindings(config: Config): Promise<Finding[]> {
  return finding('shared state', 'check its address and credential', async () => {
    if (config.storage.kind === 'embedded' && !existsSync(config.storage.path))
      return ok('shared state', 'embedded, made at the first start')
    const storage = await storageOf(config)
    try {
      await storage.ping()
      return ok('shared state', config.storage.kind)
    } finally {
      await storage.close()
    }
  })
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
