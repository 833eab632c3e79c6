import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { BundleError, readBundle, readFolder } from '../../bundles/format/index.ts'
import { fileDigest } from '../../bundles/signing/index.ts'
import {
  CompilerThread,
  compilePolicy,
  compose,
  loadPolicy,
  loadPolicyAside,
  packageOfModule,
} from '../../bundles/store/index.ts'
import { readDecision, resultOn } from '../../engine/decision/index.ts'
import { DataImages } from '../../engine/evaluate/index.ts'
import { emitModule } from '../../rego/wasm/index.ts'
import { sampleDocument } from '../support/action-document.ts'

const library = fileURLToPath(new URL('../../bundles/library', import.meta.url))
const parts = { nowNs: () => 0n, random: (length: number) => new Uint8Array(length) }
const envelope = { id: 'd', bundle: { revision: '', digest: '' }, cost: { micros: 0, fuel: 0 } }
const load = (files: { [path: string]: string }) => {
  const list = Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) }))
  return loadPolicy(compose([{ name: 'main', bundle: readBundle(list, packageOfModule) }]), parts)
}
const decide = (host: ReturnType<typeof load>, document = sampleDocument()) =>
  readDecision(host.evaluate('sallyport/decision', document), envelope)

test('merges what every package says, and denies without an allow', () => {
  const host = load({
    'a.rego':
      'package policy.a\nallow if input.action.verb == "read"\nmask contains {"column": "public.cards.number", "with": "last4"}',
    'b.rego':
      'package policy.team.b\ndeny contains {"rule": "b.no", "message": "not on prod"} if input.resource.labels.env == "prod"',
  })
  const allowed = decide(host)
  assert.equal(allowed.effect, 'allow')
  assert.deepEqual(allowed.rules, ['policy.a.allow'])
  assert.deepEqual(allowed.effect === 'allow' && allowed.masks, [{ column: 'public.cards.number', with: 'last4' }])
  const document = sampleDocument()
  const denied = decide(host, { ...document, resource: { ...document.resource, labels: { env: 'prod' } } })
  assert.deepEqual(denied.effect === 'deny' && denied.denials, [{ rule: 'b.no', message: 'not on prod' }])
  assert.equal(decide(host, sampleDocument({ verb: 'write' })).effect, 'deny')
})

test('policies read their data, and the digest of the action when they ask for it', () => {
  const host = load({
    'p.rego': 'package policy.p\nallow if { input.action.digest == data.wanted.digest }',
    'data.json': JSON.stringify({ wanted: { digest: sampleDocument().action.digest } }),
  })
  assert.equal(decide(host).effect, 'allow')
  assert.equal(decide(host, sampleDocument({ text: 'SELECT 2' })).effect, 'deny')
})

test('data survives a reload of rules, and not one of data', () => {
  const images = new DataImages()
  const reload = (rules: string, data: object) => {
    const files = { 'p.rego': `package policy.p\n${rules}`, 'data.json': JSON.stringify(data) }
    const list = Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) }))
    const bundle = readBundle(list, packageOfModule)
    return loadPolicy(compose([{ name: 'main', bundle }]), { ...parts, images })
  }
  const rule = 'allow if input.action.verb in data.verbs'
  assert.equal(decide(reload(rule, { verbs: ['read'] })).effect, 'allow')
  const changed = reload(`${rule}\ndeny contains {"rule": "p.no", "message": "no"} if count(data.verbs) > 1`, {
    verbs: ['read'],
  })
  assert.equal(images.adopted, 1)
  assert.equal(decide(changed).effect, 'allow')
  assert.equal(decide(changed, sampleDocument({ verb: 'write' })).effect, 'deny')
  assert.equal(decide(reload(rule, { verbs: ['write'] })).effect, 'deny')
  assert.equal(images.adopted, 1)
})

test('refuses what does not parse, compile or decide, and built-ins that reach out', () => {
  const refused = (text: string, what: RegExp) =>
    assert.throws(
      () => load({ 'p.rego': text }),
      (error) => error instanceof BundleError && what.test(error.message),
    )
  refused('package policy.p\nallow if {', /rego_parse_error/)
  refused('package policy.p\nallow if x == 1', /var x is unsafe/)
  refused('package policy.p\nallow if nope(1)', /undefined function nope/)
  refused(
    'package policy.p\nallow if http.send({"method": "get", "url": "http://x"})',
    /unsafe built-in function calls in expression: http.send/,
  )
  // CVE-2022-36085: a name that `with` replaces is called all the same.
  for (const by of ['f', 'urlquery.encode_object'])
    refused(
      `package policy.p\nf(x) := x\nallow if ${by}({"method": "get", "url": "http://x"}) != "" with ${by} as http.send`,
      /unsafe built-in function calls in expression: http.send/,
    )
  refused('package policy.p\nallow if not allow', /recursive/)
  refused('package policy.p\nallow := true\nmask contains {"column": "a", "with": "sparkle"}', /no masking strategy/)
  assert.throws(() => load({ 'data.json': '{}' }), BundleError)
})

test('the whole shipped library loads and decides', async () => {
  const files = (await readFolder(library)).filter((file) => file.path.endsWith('.rego'))
  assert.ok(files.length > 25 && readdirSync(library).length > 12)
  const host = loadPolicy(compose([{ name: 'library', bundle: readBundle(files, packageOfModule) }]), parts)
  const decision = decide(host)
  assert.equal(decision.effect, 'allow')
  assert.deepEqual(decision.effect === 'allow' && decision.limits, { rows: 10000, bytes: 67108864 })
})

test('the shipped library reads fields of an action and never all of it: a digest that nobody asks for is not computed', async () => {
  const files = (await readFolder(library)).filter((file) => file.path.endsWith('.rego'))
  const host = loadPolicy(compose([{ name: 'library', bundle: readBundle(files, packageOfModule) }]), parts)
  const document = sampleDocument()
  let computed = false
  const lazy = {
    ...document,
    action: {
      ...document.action,
      get digest() {
        computed = true
        return ''
      },
    },
  }
  assert.equal(decide(host, lazy).effect, 'allow')
  assert.equal(computed, false)
})

test('a bundle of a wasm module decides as its Rego does, by either wasm host', () => {
  const text = 'package policy.a\nallow if input.action.verb == data.verb'
  const module = emitModule(compilePolicy([{ file: 'a.rego', text, regoVersion: 1 }]))
  const manifest = { roots: [''], wasm: [{ entrypoint: 'sallyport/decision', module: '/policy.wasm' }] }
  const loadWasm = (bytes: Uint8Array): ReturnType<typeof load> => {
    const files = [
      { path: 'policy.wasm', bytes: Buffer.from(bytes) },
      { path: 'data.json', bytes: Buffer.from('{"verb":"read"}') },
      { path: '.manifest', bytes: Buffer.from(JSON.stringify(manifest)) },
    ]
    return loadPolicy(compose([{ name: 'main', bundle: readBundle(files, packageOfModule) }]), parts)
  }
  for (const bytes of [module, withoutSection(module)]) {
    const host = loadWasm(bytes)
    assert.equal(decide(host, sampleDocument({ verb: 'read' })).effect, 'allow')
    assert.equal(decide(host, sampleDocument({ verb: 'write' })).effect, 'deny')
  }
  assert.throws(() => loadWasm(module.slice(0, 200)), BundleError)
})

/** The module with the name of our section changed: it is then taken for one of OPA's. */
function withoutSection(module: Uint8Array): Uint8Array {
  const changed = Buffer.from(module)
  const at = changed.indexOf('\u0009sallyport{')
  assert.ok(at > 0)
  changed.write('otherport', at + 1)
  return changed
}

test('a thread compiles as this one does, refuses with the same words, and goes on after a refusal', async (t) => {
  const thread = new CompilerThread()
  t.after(() => thread.close())
  const composed = (text: string) =>
    compose([{ name: 'main', bundle: readBundle([{ path: 'p.rego', bytes: Buffer.from(text) }], packageOfModule) }])
  const good = composed('package policy.p\nallow if input.action.verb == "read"')
  const bad = composed('package policy.p\nallow if nope(1)')
  const [aside, refused, again] = await Promise.allSettled([
    loadPolicyAside(good, parts, thread.compile),
    loadPolicyAside(bad, parts, thread.compile),
    loadPolicyAside(good, parts, thread.compile),
  ])
  assert.ok(aside.status === 'fulfilled' && again.status === 'fulfilled' && refused.status === 'rejected')
  for (const document of [sampleDocument(), sampleDocument({ verb: 'write' })])
    assert.deepEqual(decide(aside.value, document), decide(loadPolicy(good, parts), document))
  assert.throws(
    () => loadPolicy(bad, parts),
    (error) => error instanceof BundleError && String(refused.reason) === String(error),
  )
})

test('refuses rules where data stands, of whichever bundle and engine, here and on a thread', async () => {
  const bundle = (name: string, root: string, files: { [path: string]: string }) => {
    const list = Object.entries({ '.manifest': JSON.stringify({ roots: [root] }), ...files })
    return {
      name,
      bundle: readBundle(
        list.map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
        packageOfModule,
      ),
    }
  }
  const rules = (text: string) => bundle('rules', 'policy', { 'policy/p.rego': text })
  const thread = new CompilerThread()
  const refused = async (composition: ReturnType<typeof compose>, path: string) => {
    const isTold = (error: unknown) =>
      error instanceof BundleError &&
      error.code === 'conflicting_data' &&
      error.message.endsWith(`rego_compile_error: conflicting rule for data path ${path} found`)
    for (const engine of ['wasm', 'interpreter'] as const)
      assert.throws(() => loadPolicy(composition, { ...parts, engine }), isTold)
    await assert.rejects(loadPolicyAside(composition, parts, thread.compile), isTold)
  }
  const allow = 'package policy.p\nallow := true'
  await refused(
    compose([bundle('one', 'policy', { 'policy/p.rego': allow, 'policy/p/data.json': '{"allow": false}' })]),
    'policy/p/allow',
  )
  await refused(
    compose([bundle('one', 'policy', { 'policy/p.rego': allow, 'data.json': '{"policy": 1}' })]),
    'policy/p/allow',
  )
  await refused(
    compose([
      bundle('one', '', {
        'p.rego': `${allow}\nshared[x] := 1 if some x in ["a"]`,
        'policy/p/shared/data.yaml': 'b: 2',
      }),
    ]),
    'policy/p/shared',
  )
  // Beside each other they are one document.
  const beside = bundle('one', '', {
    'p.rego': 'package policy.p\nallow if data.policy.p.on',
    'policy/p/data.json': '{"on": true}',
  })
  const decision = decide(await loadPolicyAside(compose([beside]), parts, thread.compile))
  assert.equal(decision.effect, 'allow')
  // The merging module's rules count too.
  await refused(
    compose([
      rules(allow),
      bundle('data', 'sallyport', { 'sallyport/data.json': '{"decision": {"effect": "allow"}}' }),
    ]),
    'sallyport/decision',
  )
  await thread.close()
})

test('a thread hashes long documents as this one does, and refuses what cannot be read', async (t) => {
  const thread = new CompilerThread()
  t.after(() => thread.close())
  const long = Buffer.from(JSON.stringify({ b: 1, a: Array.from({ length: 20_000 }, (_, at) => ({ z: at, y: 'é' })) }))
  for (const [path, bytes] of [
    ['data.json', long],
    ['a/data.json', long],
    ['a/data.json', Buffer.from('{"b": 1, "a": 2}')],
    ['other.json', long],
  ] as const)
    assert.equal(await thread.digest(path, bytes, 'SHA-512'), fileDigest(path, bytes, 'SHA-512'))
  for (const [bytes, algorithm] of [
    [long.subarray(0, -1), 'SHA-256'],
    [long, 'CRC-32'],
  ] as const) {
    const [aside] = await Promise.allSettled([thread.digest('data.json', bytes, algorithm)])
    assert.throws(
      () => fileDigest('data.json', bytes, algorithm),
      (error) =>
        error instanceof BundleError &&
        aside?.status === 'rejected' &&
        aside.reason instanceof BundleError &&
        aside.reason.code === error.code &&
        aside.reason.message === error.message,
    )
  }
})

test('after its end a thread refuses', async () => {
  const thread = new CompilerThread()
  const refused = assert.rejects(
    thread.compile([{ file: 'p.rego', text: 'package policy.p\nallow := true', regoVersion: 1 }], { plan: false }),
    (error) => error instanceof BundleError && error.code === 'not_compiled',
  )
  await thread.close()
  await refused
})

test('the package of a module is read behind comments, and of a module that is broken further down too', () => {
  const path = (text: string) => packageOfModule({ path: 'p.rego', text, regoVersion: undefined })
  assert.deepEqual(path('# about\n\n  package a.b["c d"] # more\nallow if {'), ['a', 'b', 'c d'])
  assert.deepEqual(path('package\n  a.b\nallow := true\n'), ['a', 'b'])
  assert.equal(path('allow := true\n'), undefined)
})

const answered = (status: number) => {
  const document = sampleDocument()
  const { action } = document
  return { ...document, action: { ...action, stage: 'response' as const, http: { response: { status } } } }
}

test('rules on answers have an entry point of their own, in every engine', () => {
  const text = [
    'package policy.a',
    'allow if input.action.stage != "response"',
    'response_deny contains {"rule": "a.failed", "message": "the API has failed"} if input.action.http.response.status >= 500',
    'response_mask contains {"json": "$.card", "with": "last4"} if input.action.http.response.status == 200',
    'response_header contains {"name": "server", "remove": true}',
  ].join('\n')
  const list = [{ path: 'a.rego', bytes: Buffer.from(text) }]
  const composition = compose([{ name: 'main', bundle: readBundle(list, packageOfModule) }])
  for (const engine of ['wasm', 'interpreter'] as const) {
    const host = loadPolicy(composition, { ...parts, engine })
    assert.equal(host.has('sallyport/response'), true)
    const fine = readDecision(resultOn(host, answered(200)), envelope, 'response')
    assert.equal(fine.effect, 'allow')
    assert.deepEqual(fine.effect === 'allow' && fine.masks, [{ json: '$.card', with: 'last4' }])
    assert.deepEqual(fine.effect === 'allow' && fine.headers, [{ name: 'server', value: null }])
    assert.deepEqual(fine.rules, ['sallyport.request'])
    const failed = readDecision(resultOn(host, answered(503)), envelope, 'response')
    assert.deepEqual(failed.rules, ['a.failed', 'sallyport.request'])
    assert.equal(failed.effect, 'deny')
    assert.equal(decide(host).effect, 'allow')
  }
})

test('once a package says which answers are allowed, no other is', () => {
  const host = load({
    'a.rego': 'package policy.a\nallow := true\nresponse_allow if input.action.http.response.status < 300',
    'b.rego': 'package policy.b\nresponse_allow if input.action.http.response.status == 404',
  })
  const effects = [200, 404, 302, 500].map(
    (status) => readDecision(resultOn(host, answered(status)), envelope, 'response').effect,
  )
  assert.deepEqual(effects, ['allow', 'allow', 'deny', 'deny'])
})

test('a policy that says nothing of answers is not asked about them', () => {
  const host = load({ 'a.rego': 'package policy.a\nallow := true' })
  assert.equal(host.has('sallyport/response'), false)
  assert.equal(readDecision(resultOn(host, answered(500)), envelope, 'response').effect, 'allow')
  const said = load({ 'a.rego': 'package policy.a\nallow := true\nresponse_limit contains {"bytes": 10}' })
  assert.equal(said.has('sallyport/response'), true)
  const decision = readDecision(resultOn(said, answered(200)), envelope, 'response')
  assert.deepEqual(decision.effect === 'allow' && decision.limits, { bytes: 10 })
  assert.throws(() => readDecision(resultOn(said, answered(200)), envelope), /no field `header`/)
})
