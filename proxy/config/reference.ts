// The configuration reference (docs/configuration.md), made from the fields that the reader uses: a table for each mapping
// of keys, with type, default, example and meaning. A mapping that stands in several places is written out once.
import { stringify } from 'yaml'
import { unreachable } from '../../rego/unreachable.ts'
import { exampleOf } from './examples.ts'
import { configFields } from './fields.ts'
import { changeable } from './live.ts'
import { type AnyFields, type Field, keyOf, printBytes, printTime, type TextForm } from './shape.ts'

/** One mapping of keys that gets a table. */
interface Section {
  title: string
  /** The path without the names of variants, for a mapping that several of them share. */
  readonly sharedTitle: string
  readonly path: readonly string[]
  readonly fields: AnyFields
  readonly about: string
  /** Which key tells the variants apart, and the variants that have these keys. */
  readonly tag?: { readonly key: string; readonly names: string[] }
}

const preface = `# Configuration

Every key of \`sallyport.yaml\`, made from what \`sallyport config check\` checks it by; \`sallyport config reference\` prints
this page for the version at hand, \`sallyport config schema\` a JSON Schema for editors, \`sallyport config show\` a
configuration with every default in place. How a file is begun and checked: [deploy.md](deploy.md).

- A key that is not known is a mistake, and so is a value out of its bounds: the gateway does not start.
- A path is taken from the folder of the file.
- A secret stands here by reference only: \`file:PATH\` (mode 600), \`env:NAME\`, \`exec:COMMAND\`, \`vault:PATH#FIELD\`,
  \`vault-ssh:MOUNT/ROLE#PRINCIPAL\` (a key with Vault's certificate), \`vault-otp:MOUNT/ROLE#ADDRESS\`,
  \`rds:REGION/USER@HOST:PORT\` (a login token of AWS RDS), \`projected:PATH\` (a token that Kubernetes renews).
- A duration is written \`250ms\`, \`30s\`, \`15m\`, \`1h30m\`, \`7d\`; a size \`512KiB\`, \`64MiB\`, or a number of bytes.
- The environment overrides keys: \`SALLYPORT_TELEMETRY__LOGS__LEVEL=debug\` sets \`telemetry.logs.level\`; two underscores
  part the keys, entries of lists are named by their index.
- ${changeable.map((key) => `\`${key}\``).join(', ')} change under a running gateway when the file is saved; everything else waits
  for a restart, and the log says so. A file with a mistake changes nothing.
`

/** The page as text. */
export function configReferenceText(): string {
  const sections = sectionsOf()
  const titles = new Map(sections.map(({ fields, title }) => [fields, title]))
  const tables = sections.map((section) => tableOf(section, titles))
  return `${preface}\n${tables.join('\n')}`
}

/** A file in which every key stands with its example; every variant of a list stands in it once. */
export function configExampleText(): string {
  return stringify(exampleOfObject(configFields, []), { lineWidth: 0, aliasDuplicateObjects: false })
}

/** Every mapping, in the order of the file, none twice. */
function sectionsOf(): readonly Section[] {
  const sections = new Map<AnyFields, Section>()
  const add = (section: Section): void => {
    const there = sections.get(section.fields)
    if (there !== undefined) {
      there.tag?.names.push(...(section.tag?.names ?? []))
      there.title = titleOf(there.sharedTitle, there.tag?.names)
      return
    }
    sections.set(section.fields, section)
    for (const [property, field] of Object.entries(section.fields)) {
      const key = keyOf(property, field)
      visit(field, [...section.path, key], `${section.sharedTitle}.${key}`)
    }
  }
  const visit = (field: Field, path: readonly string[], sharedTitle: string): void => {
    const [title, short] = [
      path.filter((part) => part !== 'item').join('.'),
      sharedTitle.replace(/^sallyport\.yaml\./, ''),
    ]
    if (field.kind === 'object') add({ title, sharedTitle: short, path, fields: field.fields, about: field.about })
    else if (field.kind === 'list' || field.kind === 'map')
      visit({ ...field.of, about: field.about }, [...path, 'item'], short)
    else if (field.kind === 'variants') {
      for (const [name, fields] of Object.entries(field.cases)) {
        const tag = { key: field.tag, names: [name] }
        add({
          title: titleOf(title, tag.names),
          sharedTitle: short,
          path: [...path, name],
          fields,
          about: field.about,
          tag,
        })
      }
    }
  }
  add({
    title: 'sallyport.yaml',
    sharedTitle: 'sallyport.yaml',
    path: [],
    fields: configFields,
    about: 'the whole file',
  })
  return [...sections.values()]
}

function titleOf(title: string, names: readonly string[] = []): string {
  return names.length === 0 ? title : `${title}: ${names.join(', ')}`
}

function tableOf(section: Section, titles: ReadonlyMap<AnyFields, string>): string {
  const rows = Object.entries(section.fields).map(([property, field]) => {
    const key = keyOf(property, field)
    if (section.tag?.key === key) {
      const names = section.tag.names.map(code)
      return `| \`${key}\` | ${names.join(', ')} | required | ${names[0]} | which of the kinds it is |`
    }
    const example = isNested(field) ? '' : code(exampleOfField(field, [...section.path, key]))
    return `| \`${key}\` | ${typeOf(field, titles)} | ${defaultOf(field)} | ${example} | ${field.about} |`
  })
  return `## ${section.title}

${section.about.charAt(0).toUpperCase()}${section.about.slice(1)}.

| key | type | default | example | meaning |
|---|---|---|---|---|
${rows.join('\n')}
`
}

/** Whether a field's keys stand in a table of their own. */
function isNested(field: Field): boolean {
  if (field.kind === 'list' || field.kind === 'map') return isNested(field.of)
  return field.kind === 'object' || field.kind === 'variants'
}

function typeOf(field: Field, titles: ReadonlyMap<AnyFields, string>): string {
  switch (field.kind) {
    case 'text':
      return textTypes[field.form ?? 'any']
    case 'reference':
      return 'secret, by reference'
    case 'path':
      return 'path'
    case 'integer': {
      const numbers = field.max === Number.MAX_SAFE_INTEGER ? '' : `, ${field.min} to ${field.max}`
      return `whole number${numbers}${field.mayBeAuto === true ? ', or `auto`' : ''}`
    }
    case 'number':
      return `number, ${field.min} to ${field.max}`
    case 'boolean':
      return '`true` or `false`'
    case 'duration':
      return `duration, at most ${printTime(field.maxMs)}`
    case 'bytes':
      return `size, at most ${printBytes(field.max)}`
    case 'address':
      return 'address'
    case 'choice':
      return field.values.map((value) => `\`${value}\``).join(', ')
    case 'list':
      return `list of: ${typeOf(field.of, titles)}`
    case 'map':
      return `names with: ${typeOf(field.of, titles)}`
    case 'object':
      return linkTo(titles.get(field.fields) ?? '')
    case 'variants':
      return Object.values(field.cases)
        .map((fields) => linkTo(titles.get(fields) ?? ''))
        .join(', ')
    default:
      return unreachable(field)
  }
}

const textTypes: Record<TextForm, string> = {
  any: 'text',
  may_be_empty: 'text, may be empty',
  name: 'name',
  url: 'URL',
  http_url: 'URL',
  path_or_url: 'path or URL',
  pointer: 'JSON pointer',
}

/** A link to a heading, as Markdown renderers name headings. */
function linkTo(title: string): string {
  const anchor = title
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-')
  return `[${title}](#${anchor})`
}

function defaultOf(field: Field): string {
  if (field.otherwise === undefined) return field.optional === true ? 'none' : 'required'
  const value = field.otherwise
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0
  if (!isEmpty) return code(value)
  return field.kind === 'object' ? 'its defaults' : 'empty'
}

function code(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const shown = typeof value === 'string' && text.trim() !== text ? JSON.stringify(value) : text
  return `\`${shown.replaceAll('|', '\\|')}\``
}

function exampleOfObject(fields: AnyFields, path: readonly string[], tag?: readonly [string, string]): object {
  const entries = Object.entries(fields).map(([property, field]): [string, unknown] => {
    const key = keyOf(property, field)
    return [key, tag?.[0] === key ? tag[1] : exampleOfField(field, [...path, key])]
  })
  return Object.fromEntries(entries)
}

function exampleOfField(field: Field, path: readonly string[]): unknown {
  const given = exampleOf(path)
  if (given !== undefined && !isNested(field)) return given
  switch (field.kind) {
    case 'object':
      return exampleOfObject(field.fields, path)
    case 'variants':
      return variantsOf(field, path)[0]
    case 'list':
      if (field.of.kind === 'variants') return variantsOf(field.of, [...path, 'item'])
      return Array.isArray(field.otherwise) && field.otherwise.length > 0
        ? field.otherwise
        : [exampleOfField(field.of, [...path, 'item'])]
    case 'map':
      return { example: exampleOfField(field.of, [...path, 'item']) }
    default:
      return field.otherwise ?? plainExample(field)
  }
}

function variantsOf(field: Extract<Field, { kind: 'variants' }>, path: readonly string[]): readonly object[] {
  return Object.entries(field.cases).map(([name, fields]) =>
    exampleOfObject(fields, [...path, name], [field.tag, name]),
  )
}

/** What a value of a kind looks like, where nothing better is known. */
function plainExample(field: Field): unknown {
  switch (field.kind) {
    case 'duration':
      return printTime(Math.min(field.maxMs, 3_600_000))
    case 'bytes':
      return printBytes(Math.min(field.max, 2 ** 20))
    case 'integer':
    case 'number':
      return field.min
    case 'boolean':
      return true
    case 'choice':
      return field.values[0]
    case 'path':
      return 'files/example'
    case 'reference':
      return 'env:EXAMPLE'
    case 'address':
      return '127.0.0.1:6432'
    case 'text':
      return field.form === 'url' || field.form === 'http_url' ? 'https://service.example' : 'example'
    case 'list':
    case 'map':
    case 'object':
    case 'variants':
      return undefined
    default:
      return unreachable(field)
  }
}
