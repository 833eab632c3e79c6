// Signatures against the examples that Amazon publishes for S3 (Signature Calculations, "Examples").
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { type SignedRequest, signRequest } from '../../bundles/source/index.ts'

const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
}
const atMs = Date.parse('2013-05-24T00:00:00Z')
const host = 'https://examplebucket.s3.amazonaws.com'
const examples: readonly { readonly name: string; readonly request: SignedRequest; readonly signature: string }[] = [
  {
    name: 'GET of a range of an object',
    request: { method: 'GET', url: new URL(`${host}/test.txt`), headers: { range: 'bytes=0-9' } },
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    name: 'PUT of an object',
    request: {
      method: 'PUT',
      url: new URL(`${host}/test$file.text`),
      headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      bodyHash: createHash('sha256').update('Welcome to Amazon S3.').digest('hex'),
    },
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    name: 'GET of a sub-resource',
    request: { method: 'GET', url: new URL(`${host}/?lifecycle`) },
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    name: 'GET of a list',
    request: { method: 'GET', url: new URL(`${host}/?max-keys=2&prefix=J`) },
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
]

for (const { name, request, signature } of examples) {
  test(`signs a ${name} as the published example does`, () => {
    const { authorization = '' } = signRequest(request, credentials, atMs)
    assert.equal(/Signature=([0-9a-f]+)$/.exec(authorization)?.[1], signature)
    const other = signRequest({ ...request, method: 'DELETE' }, credentials, atMs)
    assert.notEqual(other['authorization'], authorization)
  })
}
