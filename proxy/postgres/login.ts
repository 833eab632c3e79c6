// Who a client is: by its certificate, or by a token that it brings as a password or by OAUTHBEARER.
import { createHash } from 'node:crypto'
import { TLSSocket } from 'node:tls'
import type { Identity } from '../../engine/action/index.ts'
import type { Authenticator } from '../identity/contract.ts'
import { presentedChain } from '../identity/index.ts'
import type { OAuthOffer, PostgresListenerParts } from './contract.ts'
import { Goodbye } from './goodbye.ts'
import { type Road, readAnswer } from './handshake.ts'
import { bearerFailure, checkFailureAnswer, oauthBearer, readBearer } from './oauthbearer.ts'
import { decodePassword, encodeAuthentication, encodeSasl, encodeSaslContinue } from './wire/index.ts'

const passwordMessage = 112

/** A certificate that is an identity needs no token; otherwise a token, which may be bound to the certificate. */
export async function identify(road: Road, parts: PostgresListenerParts): Promise<Identity> {
  const { authenticator, oauth } = parts
  const { socket } = road
  const chain = socket instanceof TLSSocket && parts.clientCertificates === true ? presentedChain(socket) : []
  const [certificate] = chain
  if (certificate !== undefined) {
    const byCertificate = await authenticator.authenticate({ kind: 'certificate', chain })
    if (byCertificate.ok) return byCertificate.identity
  }
  const token = oauth === undefined ? await askPassword(road) : await askBearer(road)
  // A client without a token asks where to get one; it is answered like one whose token does not count.
  const authenticated: Awaited<ReturnType<Authenticator['authenticate']>> =
    token === ''
      ? { ok: false, refusal: { code: 'absent', message: 'a token is needed' } }
      : await authenticator.authenticate({
          kind: 'token',
          token,
          ...(certificate === undefined
            ? {}
            : { certificateSha256: createHash('sha256').update(certificate).digest('base64url') }),
        })
  if (authenticated.ok) return authenticated.identity
  if (oauth !== undefined) await failBearer(road, oauth)
  throw new Goodbye(oauth === undefined ? '28P01' : '28000', authenticated.refusal.message)
}

async function askPassword(road: Road): Promise<string> {
  road.socket.write(encodeAuthentication('cleartext'))
  const frame = await readAnswer(road)
  if (frame.type !== passwordMessage) throw new Goodbye('08P01', 'a password was expected, and nothing else')
  return decodePassword(frame)
}

async function askBearer(road: Road): Promise<string> {
  road.socket.write(encodeSasl([oauthBearer]))
  return readBearer(await readAnswer(road))
}

async function failBearer(road: Road, offer: OAuthOffer): Promise<void> {
  road.socket.write(encodeSaslContinue(bearerFailure(offer)))
  checkFailureAnswer(await readAnswer(road))
}
