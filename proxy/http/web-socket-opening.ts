// How a WebSocket is asked for upstream, and what is said to the client when the upstream agrees.
import { randomBytes } from 'node:crypto'
import type { CanonicalRequest } from '../../engine/action/http/index.ts'
import { acceptOf, type Field, type ResponseHead } from '../http1/index.ts'

/** What was asked of an upstream. */
export interface WebSocketAsked {
  readonly fields: readonly Field[]
  readonly key: string
  readonly clientKey: string
  readonly protocols: readonly string[]
}

/** The fields that ask, with a key of the gateway's own and without extensions. */
export function webSocketRequest({ fields }: CanonicalRequest): WebSocketAsked {
  const key = randomBytes(16).toString('base64')
  const protocols = fields
    .filter(([name]) => name === 'sec-websocket-protocol')
    .flatMap(([, value]) => value.split(',').map((one) => one.trim()))
  return {
    fields: [
      ['connection', 'Upgrade'],
      ['upgrade', 'websocket'],
      ['sec-websocket-key', key],
    ],
    key,
    clientKey: fields.find(([name]) => name === 'sec-websocket-key')?.[1] ?? '',
    protocols,
  }
}

/** The fields of the answer to the client; undefined when the upstream did not agree to what was asked. */
export function webSocketAnswer(asked: WebSocketAsked, head: ResponseHead): readonly Field[] | undefined {
  const all = (name: string): readonly string[] => head.fields.filter(([one]) => one === name).map(([, value]) => value)
  const [upgrade, ...moreUpgrades] = all('upgrade')
  const [accept, ...moreAccepts] = all('sec-websocket-accept')
  const [protocol, ...moreProtocols] = all('sec-websocket-protocol')
  if (upgrade?.toLowerCase() !== 'websocket' || accept !== acceptOf(asked.key)) return undefined
  if (moreUpgrades.length + moreAccepts.length + moreProtocols.length + all('sec-websocket-extensions').length > 0)
    return undefined
  if (protocol !== undefined && !asked.protocols.includes(protocol)) return undefined
  return [
    ['connection', 'Upgrade'],
    ['upgrade', 'websocket'],
    ['sec-websocket-accept', acceptOf(asked.clientKey)],
    ...(protocol === undefined ? [] : [['sec-websocket-protocol', protocol] as const]),
  ]
}
