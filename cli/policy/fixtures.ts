// Fixtures: YAML cases that hold an action document, or the parts of one that matter, and the decision that is wanted.
import { parse } from 'yaml'
import { emptyManifest } from '../../bundles/format/index.ts'
import { compose, loadPolicy } from '../../bundles/store/index.ts'
import { type Decision, readDecision } from '../../engine/decision/index.ts'
import type { PolicySources } from './sources.ts'

/** What became of one fixture. */
export interface FixtureResult {
  readonly file: string
  readonly name: string
  readonly problem?: string
}

const knownKeys: ReadonlySet<string> = new Set(['note', 'identity', 'resource', 'session', 'action', 'context', 'want'])
const wantedKeys: ReadonlySet<string> = new Set(['effect', 'rules', 'masks', 'filters', 'limits'])

/** Runs every fixture against the merged decision. */
export function runFixtures(sources: PolicySources): readonly FixtureResult[] {
  if (sources.fixtures.length === 0) return []
  const bundle = {
    files: [],
    manifest: emptyManifest,
    data: sources.data,
    modules: sources.modules.map((one) => ({ path: one.file, text: one.text, regoVersion: one.regoVersion })),
    wasm: new Map(),
    plan: undefined,
    patch: undefined,
  }
  const host = loadPolicy(compose([{ name: 'fixtures', bundle }]), {
    nowNs: () => BigInt(Date.now()) * 1_000_000n,
    random: (length) => new Uint8Array(length),
  })
  return sources.fixtures.flatMap(({ file, text }) =>
    casesOf(file, text).map(({ name, fields, problem }): FixtureResult => {
      const found =
        problem ??
        judge(fields, (document) =>
          readDecision(host.evaluate('sallyport/decision', document), {
            id: 'fixture',
            bundle: { revision: '', digest: '' },
            cost: { micros: 0, fuel: 0 },
          }),
        )
      return { file, name, ...(found === undefined ? {} : { problem: found }) }
    }),
  )
}

type Fields = { readonly [name: string]: unknown }

function casesOf(
  file: string,
  text: string,
): readonly { readonly name: string; readonly fields: Fields; readonly problem?: string }[] {
  let value: unknown
  try {
    value = parse(text, { maxAliasCount: 20 })
  } catch (error) {
    return [
      {
        name: file,
        fields: {},
        problem: `not YAML: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`,
      },
    ]
  }
  const list = Array.isArray(value) ? value : [value]
  return list.map((item: unknown, index) => {
    const fields = fieldsOf(item)
    const name = typeof fields['note'] === 'string' ? fields['note'] : `case ${index + 1}`
    const unknown =
      Object.keys(fields).find((key) => !knownKeys.has(key)) ??
      Object.keys(fieldsOf(fields['want'])).find((key) => !wantedKeys.has(key))
    if (unknown !== undefined) return { name, fields, problem: `unknown key \`${unknown}\`` }
    if (fields['want'] === undefined)
      return { name, fields, problem: 'there is no `want`: say what decision is wanted' }
    return { name, fields }
  })
}

function judge(fields: Fields, decide: (document: unknown) => Decision): string | undefined {
  let decision: Decision
  try {
    decision = decide(documentOf(fields))
  } catch (error) {
    return error instanceof Error ? error.message : 'the policy does not decide'
  }
  const want = fieldsOf(fields['want'])
  const got: Fields = {
    effect: decision.effect,
    rules: decision.rules,
    ...(decision.effect === 'deny'
      ? { masks: [], filters: [], limits: {} }
      : { masks: decision.masks, filters: decision.filters, limits: decision.limits }),
  }
  const differences = Object.entries(want).flatMap(([key, wanted]) =>
    sorted(wanted) === sorted(got[key]) ? [] : [`${key}: wanted ${sorted(wanted)}, got ${sorted(got[key])}`],
  )
  return differences.length === 0 ? undefined : differences.join('\n')
}

/** The case's parts over a document in which nothing is special. */
function documentOf(fields: Fields): unknown {
  return {
    schema: 1,
    identity: {
      subject: 'agent',
      issuer: 'https://issuer.example',
      kind: 'agent',
      groups: [],
      scopes: [],
      claims: {},
      chain: [],
      token: { id: 't', issued_at: '2026-01-05T10:00:00Z', expires_at: '2026-01-05T11:00:00Z', binding: 'none' },
      ...fieldsOf(fields['identity']),
    },
    resource: { name: 'resource', protocol: 'postgres', labels: {}, target: {}, ...fieldsOf(fields['resource']) },
    session: {
      id: 's',
      started_at: '2026-01-05T10:00:00Z',
      client: { address: '127.0.0.1', application: 'fixture' },
      usage: { actions: 0, rows: 0, bytes: 0, affected: 0, denied: 0 },
      state: {},
      ...fieldsOf(fields['session']),
    },
    action: {
      stage: 'request',
      verb: 'read',
      operation: 'query',
      text: '',
      digest: '',
      complete: true,
      ...fieldsOf(fields['action']),
    },
    context: {
      time: '2026-01-05T10:30:00Z',
      gateway: { id: 'g', version: '0' },
      bundle: { revision: '' },
      ...fieldsOf(fields['context']),
    },
  }
}

/** A value as text that does not depend on the order of keys or of list items. */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).sort().join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'nothing'
  return `{${Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${key}: ${sorted(inner)}`)
    .join(', ')}}`
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {}
}
