// The findings of `inspect` for people: OPA's tables, then what policies use.

import { isName } from '../../../rego/syntax/printer/index.ts'
import { boxTable } from '../evaluating/box-table.ts'
import type { FoundAnnotations, Inspection } from './describe.ts'

/** The text. */
export function inspectionText(found: Inspection): string {
  return [
    manifestTable(found),
    `NAMESPACES:\n${boxTable(
      ['NAMESPACE', 'FILE'],
      Object.entries(found.namespaces).flatMap(([name, files]) =>
        files.map((file, index) => [index === 0 ? name : '', file]),
      ),
    )}`,
    annotationBlocks(found.annotations ?? []),
    usesText(found),
  ].join('')
}

function manifestTable({ manifest, signed }: Inspection): string {
  if (manifest === undefined) return ''
  const { revision, roots, rego_version: version, metadata } = manifest
  const rows: string[][] = []
  if (version !== undefined) rows.push(['Rego Version', String(version)])
  if (revision !== '') rows.push(['Revision', String(revision)])
  const named = Array.isArray(roots) ? roots.map(String) : []
  if (named.join() !== '') rows.push(...named.map((root, index) => [index === 0 ? 'Roots' : '', root]))
  if (metadata !== undefined) rows.push(['Metadata', JSON.stringify(metadata)])
  if (signed) rows.push(['Signed', 'yes'])
  return rows.length === 0 ? '' : `MANIFEST:\n${boxTable(['FIELD', 'VALUE'], rows)}`
}

function annotationBlocks(all: readonly FoundAnnotations[]): string {
  return all.length === 0 ? '' : `ANNOTATIONS:\n${all.map(block).join('')}`
}

function block({ annotations, location, path }: FoundAnnotations): string {
  const { title, description, scope, entrypoint, organizations, authors, schemas, custom } = annotations
  const names = path.slice(1).map(({ value }) => value)
  const heading = typeof title === 'string' ? title : names.join('.')
  const lines = [heading, '='.repeat(heading.length), '']
  if (typeof description === 'string') lines.push(description, '')
  const ofPackage = scope === 'package' || scope === 'subpackages'
  lines.push(`Package:  ${(ofPackage ? names : names.slice(0, -1)).join('.')}`)
  if (!ofPackage) lines.push(`Rule:     ${names.at(-1) ?? ''}`)
  lines.push(`Location: ${location.file}:${location.row}`, `Scope: ${String(scope)}`)
  if (entrypoint === true) lines.push('Entrypoint: true')
  lines.push('')
  const section = (name: string, entries: readonly string[]): void => {
    if (entries.length > 0) lines.push(`${name}:`, ...entries.map((one) => ` ${one}`), '')
  }
  section('Organizations', listOf(organizations).map(String))
  section(
    'Authors',
    listOf(authors).map((one) => {
      const { name = '', email } = Object(one)
      return [String(name), ...(email === undefined ? [] : [`<${String(email)}>`])]
        .filter((part) => part !== '')
        .join(' ')
    }),
  )
  section(
    'Schemas',
    aligned(
      listOf(schemas).map((one) => {
        const { path: at, schema, definition } = Object(one)
        return [refOf(at), schema === undefined ? JSON.stringify(definition) : refOf(schema)]
      }),
    ),
  )
  section(
    'Related Resources',
    listOf(annotations['related_resources']).map((one) => {
      const { ref, description: about } = Object(one)
      return [ref, about].filter((part) => part !== undefined).join(' ')
    }),
  )
  section(
    'Custom',
    Object.entries(Object(custom))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`),
  )
  return `${lines.join('\n')}\n`
}

/** Names and values, the values below each other. */
function aligned(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${`${name}:`.padEnd(width + 1)} ${value}`)
}

/** A reference in words. */
function refOf(steps: unknown): string {
  return listOf(steps)
    .map((step) => String(Object(step).value))
    .map((name, index) => (index === 0 ? name : isName(name) ? `.${name}` : `[${JSON.stringify(name)}]`))
    .join('')
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function usesText({ entrypoints, builtins, input, wasm_modules: wasm }: Inspection): string {
  const called = builtins.map(({ name, in_gateway: allowed }) => (allowed ? name : `${name} (off in gateways)`))
  const rows = [
    ...(wasm ?? []).map(({ path, bytes }) => ['Wasm', `${String(path)} (${String(bytes)} bytes)`]),
    ['Entry points', entrypoints.join(', ') || 'none'],
    ...listed('Built-ins', called),
    ...listed('Reads of the input', input),
  ]
  return `USES:\n${boxTable(['WHAT', 'NAMES'], rows)}`
}

function listed(what: string, names: readonly string[]): readonly string[][] {
  return names.length === 0 ? [[what, 'none']] : names.map((name, index) => [index === 0 ? what : '', name])
}
