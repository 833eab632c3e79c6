// The demo's own certificate is one that TLS clients take when it is their authority, and for no other name.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { connect, createServer, type Server } from 'node:tls'
import { selfSigned } from '../../../cli/demo/certificate.ts'

const made = selfSigned('sallyport demo', 30, Date.now())
let server: Server
let port = 0
before(async () => {
  server = createServer({ cert: made.certificate, key: made.key }, (socket) => socket.end('hello'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
after(() => server.close())

async function said(ca: string, servername?: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, ca, ...(servername === undefined ? {} : { servername }) })
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

test('a client that has it as authority takes it, by address and by name', async () => {
  assert.equal(await said(made.certificate), 'hello')
  assert.equal(await said(made.certificate, 'localhost'), 'hello')
})

test('it is refused by another authority and for another name', async () => {
  const other = selfSigned('sallyport demo', 30, Date.now())
  await assert.rejects(said(other.certificate), /self-signed|unable to verify|signature/i)
  await assert.rejects(said(made.certificate, 'gateway.example'), /altnames/i)
})

test('it says who it is, what it may and how long it counts', () => {
  const read = new X509Certificate(made.certificate)
  assert.equal(read.subject, 'CN=sallyport demo')
  assert.equal(read.issuer, read.subject)
  assert.equal(read.subjectAltName, 'DNS:localhost, IP Address:127.0.0.1')
  assert.equal(read.ca, true)
  assert.ok(read.verify(read.publicKey))
  const days = (Date.parse(read.validTo) - Date.parse(read.validFrom)) / (24 * 3_600_000)
  assert.equal(days, 31)
  const late = new X509Certificate(selfSigned('x', 30, Date.parse('2051-01-01T00:00:00Z')).certificate)
  assert.match(late.validTo, /2051/)
})
