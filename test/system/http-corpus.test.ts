// The corpus of raw requests through the gateway to nginx and to Apache: what was judged is what they understood.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differencesOf, rawCases } from '../support/http-corpus.ts'
import { startHttpGateway } from '../support/http-gateway.ts'
import { referenceMissing, startReference } from '../support/http-reference.ts'

for (const name of ['nginx', 'apache2'] as const) {
  test(`of the corpus, ${name} understands what was judged, and nothing else`, {
    skip: referenceMissing(name) ?? false,
  }, async () => {
    const reference = await startReference(name)
    const gateway = await startHttpGateway({ upstreamPort: reference.port })
    const wrong: string[] = []
    try {
      for (const one of rawCases()) wrong.push(...(await differencesOf(one, gateway, reference.received)))
    } finally {
      await gateway.close()
      await reference.close()
    }
    assert.deepEqual(wrong, [])
    assert.deepEqual(reference.differences, [])
    assert.deepEqual(gateway.errors, [])
  })
}
