// What decisions cost: our module in our host, against the interpreter and against the module that OPA makes of the same
// policy under OPA's SDK, where an `opa` is on the path. Times are medians of rounds by the processor's time, inputs
// alternate, and so do the rounds of rivals.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterpreterHost, createWasmHost, type PolicyHost, WasmProgram } from '../../engine/evaluate/index.ts'
import { builtins } from '../../rego/builtins/index.ts'
import { RegoObject, readJson, valueFromData } from '../../rego/value/index.ts'
import { emitModule } from '../../rego/wasm/index.ts'
import { policyOf } from '../support/modules.ts'

/** The bench's name. */
export const name = 'decisions'

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly ratio?: number
  readonly goal?: string
}

const rounds = 21
const roundMs = 20

/** A work is warm when in so many windows in turn its time differed by no more than so much, or after so long. */
const windowsMin = 4
const windowMicros = 50_000
const steadyRatio = 1.05
const warmMicrosMax = 1_500_000

type Work = (i: number) => unknown

/** The median time of a call in microseconds. */
function micros(work: Work): number {
  return against(work)[0] ?? Number.NaN
}

/** The median times of calls in microseconds, in rounds that take turns. */
function against(...works: readonly Work[]): readonly number[] {
  let i = 0
  // Asking for the time takes as long as some decisions do: so many calls go before it is asked again.
  const batches = works.map((work) => {
    // Engines compile beside what they run, on a busy machine late: a work is warm when its time stays the same.
    const windows: number[] = []
    for (let warm = 0; warm < warmMicrosMax; ) {
      const started = spentMicros()
      let [calls, spent] = [0, 0]
      for (; spent < windowMicros; calls += 20, spent = spentMicros() - started) for (let n = 0; n < 20; n++) work(i++)
      warm += spent
      windows.unshift(spent / calls)
      const last = windows.slice(0, windowsMin)
      if (last.length === windowsMin && Math.max(...last) <= Math.min(...last) * steadyRatio) break
    }
    return Math.max(20, Math.ceil(1_000 / (windows[0] ?? 1_000)))
  })
  const times = works.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [which, work] of works.entries()) {
      const batch = batches[which] ?? 1
      const started = spentMicros()
      let calls = 0
      let now = started
      while (now - started < roundMs * 1_000) {
        for (let n = 0; n < batch; n++) work(i++)
        calls += batch
        now = spentMicros()
      }
      times[which]?.push((now - started) / calls)
    }
  }
  return times.map((all) => all.sort((a, b) => a - b)[rounds >> 1] ?? Number.NaN)
}

/** The processor's time that this process has taken. */
function spentMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

const tiny = `package tiny
import rego.v1
allow if input.identity.subject == "agent-1"
`

const decisionPolicy = `package policy
import rego.v1

default allow := false

allow if {
  input.resource.name == "orders-db"
  input.action.verb in {"read", "write"}
  some group in input.identity.groups
  group in data.groups
  not denied
}

denied if input.session.usage.denied >= 100
denied if {
  some statement in input.action.sql.statements
  some relation in statement.relations
  relation.schema == "pg_catalog"
}
denied if regex.match("^(drop|truncate) ", input.action.text)

decision := {"allow": allow, "mask": mask, "limit": limit}

mask contains {"column": name, "with": how} if {
  some statement in input.action.sql.statements
  some relation in statement.relations
  some column in relation.columns
  name := concat(".", [relation.schema, relation.name, column])
  how := data.masked[column]
}

mask contains {"column": name, "with": "redact"} if {
  some statement in input.action.sql.statements
  some relation in statement.relations
  some column in relation.columns
  startswith(column, "secret_")
  name := concat(".", [relation.schema, relation.name, column])
}

limit contains {"rows": 1000} if input.identity.kind == "agent"
limit contains {"rows": 10} if input.action.complete == false
`

const data = { groups: ['analysts', 'people'], masked: { number: 'last4', email: 'partial', ssn: 'redact' } }

/** An action document of about so many bytes as JSON. */
function document(bytes: number, subject: string, group: string): object {
  const relations: object[] = []
  const make = (): object => ({
    schema: 1,
    identity: {
      subject,
      issuer: 'https://issuer.example',
      kind: 'agent',
      groups: ['visitors', group],
      scopes: ['orders:read'],
      claims: { team: 'data' },
      chain: [],
      token: { id: 't-1', issued_at: '2026-01-01T00:00:00Z', expires_at: '2026-01-01T01:00:00Z', binding: 'none' },
    },
    resource: { name: 'orders-db', protocol: 'postgres', labels: { env: 'test' }, target: { database: 'orders' } },
    session: { id: 's-1', usage: { actions: 3, rows: 10, bytes: 900, affected: 0, denied: 0 }, state: {} },
    action: {
      stage: 'request',
      verb: 'read',
      operation: 'query',
      text: 'SELECT * FROM orders',
      digest: '',
      complete: true,
      sql: { statements: [{ kind: 'select', relations }], parameters: [], protocol: 'simple' },
    },
    context: { time: '2026-01-01T00:00:01Z', gateway: { id: 'g-1', version: '0.1.0' }, bundle: { revision: '1' } },
  })
  for (let i = 0; JSON.stringify(make()).length < bytes; i++) {
    const columns = ['id', 'created_at', i % 3 === 0 ? 'number' : `amount_${i}`, i % 5 === 0 ? 'secret_key' : 'city']
    relations.push({ schema: 'public', name: `orders_${i}`, access: 'read', columns, resolved: true })
  }
  return make()
}

/** Every figure of the issue. */
export async function run(): Promise<{ rows: Row[] }> {
  const rows: Row[] = []
  const [small, large] = [1_024, 5_120].map((bytes) => [
    document(bytes, 'agent-1', 'analysts'),
    document(bytes, 'agent-2', 'strangers'),
    document(bytes, 'agent-3', 'people'),
  ]) as [object[], object[]]
  const tinyHost = hostOf(tiny, ['tiny/allow'], {})
  rows.push(row('tiny policy, 5 KB', micros(alternate(tinyHost, 'tiny/allow', large)), '<= 0.15'))
  const host = hostOf(decisionPolicy, ['policy/allow', 'policy/decision'], data)
  for (const [what, entrypoint, inputs, goal] of [
    ['allow or deny, 1 KB', 'policy/allow', small, '<= 1.5'],
    ['allow or deny, 5 KB', 'policy/allow', large, '<= 3'],
    ['decision with masks, 1 KB', 'policy/decision', small, '<= 5'],
    ['decision with masks, 5 KB', 'policy/decision', large, '<= 20'],
  ] as const) {
    rows.push(row(what, micros(alternate(host, entrypoint, inputs)), goal))
  }
  const caching = hostOf(decisionPolicy, ['policy/allow', 'policy/decision'], data, 262_144)
  rows.push(row('cached decision, 1 KB', micros(alternate(caching, 'policy/decision', small)), '<= 0.6'))
  rows.push(row('cached decision, 5 KB', micros(alternate(caching, 'policy/decision', large)), '<= 2.5'))
  rows.push(jsonIn(large))
  rows.push(indexed())
  rows.push(...compiling())
  rows.push(...loading())
  rows.push(growth(small))
  rows.push(...rivals(small, large, host))
  return { rows }
}

function row(what: string, value: number, goal: string): Row {
  return { name: what, value, unit: 'us', goal }
}

function alternate(host: PolicyHost, entrypoint: string, inputs: readonly object[]): Work {
  return (i) => host.evaluate(entrypoint, inputs[i % inputs.length])
}

const common = { revision: '', digest: '', nowNs: () => 0n, random: (length: number) => new Uint8Array(length) }

function objectOf(plain: object): RegoObject {
  const value = valueFromData(plain)
  return value instanceof RegoObject ? value : new RegoObject()
}

function hostOf(text: string, entrypoints: readonly string[], plain: object, cacheBytes = 0): PolicyHost {
  return createWasmHost({
    ...common,
    module: emitModule(policyOf(text, entrypoints)),
    data: objectOf(plain),
    cacheBytes,
  })
}

function programOf(text: string, entrypoints: readonly string[], plain: object): WasmProgram {
  const program = new WasmProgram(new WebAssembly.Module(emitModule(policyOf(text, entrypoints))), builtins)
  program.setData(objectOf(plain))
  return program
}

function jsonIn(inputs: readonly object[]): Row {
  const program = programOf(decisionPolicy, ['policy/allow', 'policy/decision'], data)
  const bytes = inputs.map((input) => new TextEncoder().encode(JSON.stringify(input)))
  const time = micros((i) => program.evaluateJson('policy/allow', bytes[i % bytes.length] ?? new Uint8Array(0), {}))
  return row('JSON bytes in, allow or deny, 5 KB', time, '<= 5')
}

function indexed(): Row {
  const rules = Array.from(
    { length: 500 },
    (_, i) => `allow if { input.action.operation == "operation-${i}"; input.identity.subject == "subject-${i}" }`,
  )
  const host = hostOf(`package many\nimport rego.v1\n${rules.join('\n')}\n`, ['many/allow'], {})
  const inputs = [3, 250, 499, 1_000].map((i) => ({
    identity: { subject: `subject-${i}` },
    action: { operation: `operation-${i}` },
  }))
  return row('500 rules by equality', micros(alternate(host, 'many/allow', inputs)), '<= 1.5')
}

function compiling(): readonly Row[] {
  const copies = Array.from({ length: 22 }, (_, i) =>
    decisionPolicy.replaceAll(/\b(allow|denied|mask|limit|decision)\b/g, `$1_${i}`),
  )
  const text =
    `package policy\nimport rego.v1\n${copies.map((copy) => copy.replace('package policy\nimport rego.v1\n', '')).join('\n')}`.replaceAll(
      /"allow_\d+": /g,
      '"allow": ',
    )
  const lines = text.split('\n').length
  const policy = policyOf(
    text,
    copies.map((_, i) => `policy/decision_${i}`),
  )
  const emit = (micros(() => emitModule(policy)) / 1_000) * (1_000 / lines)
  const one = emitModule(policyOf(decisionPolicy, ['policy/decision']))
  const base = emitModule(policyOf('package none\nallow := true', ['none/allow']))
  const module = new WebAssembly.Module(one)
  const instantiate = micros(() => new WasmProgram(module, builtins)) / 1_000
  const text60 = decisionPolicy.split('\n').length
  return [
    { name: 'IR to module, for 1,000 lines of Rego', value: emit, unit: 'ms', goal: '<= 15' },
    { name: 'instantiate', value: instantiate, unit: 'ms', goal: '<= 0.5' },
    { name: 'module without a policy', value: base.length / 1_024, unit: 'KB', goal: '<= 50' },
    {
      name: 'module size for 60 lines',
      value: ((one.length - base.length) / 1_024) * (60 / text60),
      unit: 'KB',
      goal: '<= 4',
    },
  ]
}

function loading(): readonly Row[] {
  const wide = Array.from({ length: 80_000 }, (_, i) =>
    Object.fromEntries(Array.from({ length: 12 }, (_, f) => [`field_${f}`, f % 3 === 0 ? i : `v${i % 97}`])),
  )
  const json = JSON.stringify({ objects: wide })
  const value = readJson(json)
  const program = programOf(tiny, ['tiny/allow'], {})
  const before = program.heapBytes()
  const started = performance.now()
  program.setData(value)
  const tookMs = performance.now() - started
  const megabytes = json.length / 1_048_576
  return [
    {
      name: 'data memory, times its JSON text',
      value: (program.heapBytes() - before) / json.length,
      unit: 'x',
      goal: '<= 7',
    },
    { name: 'loading 80,000 wide objects, for each MB', value: tookMs / megabytes, unit: 'ms', goal: '<= 100' },
  ]
}

/** Evaluations over which the heap must not grow. */
const MANY = 1_000_000

function growth(inputs: readonly object[]): Row {
  const program = programOf(decisionPolicy, ['policy/allow'], data)
  const evaluate = (i: number): unknown => program.evaluateData('policy/allow', inputs[i % inputs.length], {})
  for (let i = 0; i < 100; i++) evaluate(i)
  const [heap, memory] = [program.heapBytes(), program.memoryBytes()]
  for (let i = 0; i < MANY; i++) evaluate(i)
  // Alternating inputs end at different addresses: the same one is compared.
  evaluate(99)
  const grown = program.heapBytes() - heap + (program.memoryBytes() - memory)
  return { name: 'heap growth over 1,000,000 evaluations', value: grown, unit: 'bytes', goal: '<= 0' }
}

function rivals(small: readonly object[], large: readonly object[], ours: PolicyHost): readonly Row[] {
  const entrypoints = ['policy/allow', 'policy/decision']
  const interpreter = createInterpreterHost({
    ...common,
    policy: policyOf(decisionPolicy, entrypoints),
    data: objectOf(data),
  })
  const rows: Row[] = []
  const compare = (
    rival: string,
    run: (entrypoint: string, inputs: readonly object[]) => Work,
    goal?: string,
  ): void => {
    for (const [what, entrypoint, inputs] of [
      ['allow or deny, 5 KB', 'policy/allow', large],
      ['decision with masks, 1 KB', 'policy/decision', small],
      ['decision with masks, 5 KB', 'policy/decision', large],
    ] as const) {
      const [own = Number.NaN, theirs = Number.NaN] = against(
        alternate(ours, entrypoint, inputs),
        run(entrypoint, inputs),
      )
      rows.push({
        name: `${rival}: ${what}`,
        value: theirs,
        unit: 'us',
        ratio: theirs / own,
        ...(goal === undefined || !what.includes('masks') ? {} : { goal }),
      })
    }
  }
  compare('interpreter', (entrypoint, inputs) => alternate(interpreter, entrypoint, inputs))
  const opa = opaModule(decisionPolicy, entrypoints)
  if (opa === undefined) process.stdout.write('  no `opa` on the path: its module is not measured\n')
  else {
    const policy = sdkPolicy(opa)
    policy.setData(data)
    compare(
      "OPA's module under its SDK",
      (entrypoint, inputs) => (i) => policy.evaluate(inputs[i % inputs.length], entrypoint),
      '>= 5',
    )
  }
  return rows
}

interface SdkPolicy {
  setData(data: object): void
  evaluate(input: unknown, entrypoint: string): unknown
}

function sdkPolicy(module: Uint8Array): SdkPolicy {
  const sdk: { loadPolicySync(module: Uint8Array): SdkPolicy } = createRequire(import.meta.url)(
    '@open-policy-agent/opa-wasm',
  )
  return sdk.loadPolicySync(module)
}

/** The module that OPA makes of a policy; undefined where there is no OPA. */
function opaModule(text: string, entrypoints: readonly string[]): Uint8Array | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'decisions-'))
  try {
    writeFileSync(join(folder, 'policy.rego'), text)
    const names = entrypoints.flatMap((entrypoint) => ['-e', entrypoint])
    execFileSync('opa', ['build', '-t', 'wasm', ...names, '-o', 'bundle.tar.gz', 'policy.rego'], {
      cwd: folder,
      stdio: 'ignore',
    })
    execFileSync('tar', ['xzf', 'bundle.tar.gz', '--wildcards', '*policy.wasm'], { cwd: folder, stdio: 'ignore' })
    return readFileSync(join(folder, 'policy.wasm'))
  } catch {
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
