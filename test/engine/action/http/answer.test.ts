// Where an answer leads, against how browsers read it (the WHATWG URL that node has): what is called the same server is it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { answerAction, canonicalRequest, type HttpRedirect, httpAction } from '../../../../engine/action/http/index.ts'

const request = canonicalRequest({ method: 'GET', target: '/a/b', fields: [['host', 'api.example']] }, 'https')
const asked = httpAction(request, { kind: 'none' })

function answered(...fields: readonly (readonly [string, string])[]): ReturnType<typeof httpAction> {
  return answerAction(asked, request, { status: 302, fields, bytes: 0, decision: 'd-1' })
}

function redirectOf(location: string): HttpRedirect {
  return answered(['location', location]).http?.response?.redirects[0] ?? assert.fail()
}

const pieces = fc.constantFrom(
  ...['/', '//', '\\', ':', '@', '?', '#', '.', '..', '%2f', '%5c', '%40', ' ', '\t', '[', ']', '::1', ';', '&', '='],
  ...['http', 'https', 'HTTPS', 'javascript', 'data', 'file', 'ws', 'api.example', 'evil.example', 'API.example'],
  ...['api.example.', '443', '80', '8443', 'a', 'b', '0', '0x7f.1', '127.1', '2130706433', '\u00e9', 'xn--a', '_', '-'],
)

test('property: what is called readable leads where a browser goes, and the same server is the same origin', () => {
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1, maxLength: 8 }), (parts) => {
      const location = parts.join('')
      const { readable, same_authority: isSame, scheme, authority } = redirectOf(location)
      if (!readable) return !isSame
      let url: URL
      try {
        url = new URL(location, 'https://api.example/a/b')
      } catch {
        // A browser goes nowhere.
        return true
      }
      if (isSame) return url.origin === 'https://api.example'
      if (scheme !== 'http' && scheme !== 'https') return url.protocol === `${scheme}:` && authority === ''
      return url.origin !== 'https://api.example'
    }),
    { numRuns: 3000 },
  )
})

test('what a browser takes for another server than a library does is not readable', () => {
  for (const location of [
    '/\\evil.example',
    '\\\\evil.example',
    'https:evil.example',
    'https:/evil.example',
    'https:///evil.example',
    '//api.example@evil.example',
    '//evil.example\\@api.example',
    '/\t/evil.example',
    '//api.example.',
    '//[::1',
    'https://api.example:0443/',
  ]) {
    const { readable, same_authority: isSame } = redirectOf(location)
    assert.deepEqual([readable, isSame], [false, false], location)
    assert.equal(answered(['location', location]).complete, false)
  }
  assert.equal(answered(['location', '/a%20b']).complete, true)
})

test('facts of an answer hold no values of cookies and of fields that are not known, and are bounded', () => {
  const { http, text, stage } = answered(
    ['set-cookie', 'sid=secret; HttpOnly'],
    ['x-own', 'secret'],
    ['authorization', 'secret'],
    ['etag', 'e'.repeat(5000)],
    ['vary', 'a'],
    ['vary', 'b'],
    ['grpc-status', '16'],
    ['content-type', 'Text/HTML; charset=x'],
  )
  assert.doesNotMatch(JSON.stringify(http), /secret/)
  const response = http?.response
  assert.deepEqual(response?.cookies, ['sid'])
  assert.equal(response?.headers['etag']?.[0]?.length, 1024)
  assert.deepEqual(response?.headers['vary'], ['a', 'b'])
  assert.equal(response?.grpc_status, 16)
  assert.equal(response?.type, 'text/html')
  assert.equal(response?.decision, 'd-1')
  assert.deepEqual([text, stage], ['GET /a/b -> 302', 'response'])
})

test('a page that loads another one leads there, however the field is written', () => {
  const leads = (value: string): string | undefined =>
    answered(['refresh', value]).http?.response?.redirects.map(({ authority }) => authority)[0]
  for (const value of [
    '0; url=https://evil.example/',
    '0;URL="https://evil.example/"',
    "5, url = 'https://evil.example/",
    '0;https://evil.example/',
    '  3.5  ;  url=https://evil.example/x',
  ])
    assert.equal(leads(value), 'evil.example', value)
  assert.equal(leads('30'), undefined)
  assert.equal(leads('0; url=/next'), 'api.example')
})
