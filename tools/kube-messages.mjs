// Reads how Kubernetes objects are written as protobuf, from the published Go modules of the API: numbers and types from
// `generated.proto`, JSON names and what is inlined from the tags of the Go types beside it. Run by hand when a new
// version of Kubernetes is out: `node tools/kube-messages.mjs FOLDER`, where the folder holds `api` and `apimachinery`
// (with or without `@VERSION`). Writes engine/action/kube/protobuf/messages-data.ts; messages.ts says what it means.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const meta = 'k8s.io.apimachinery.pkg.apis.meta.v1'
/** Messages whose JSON is no object of their fields. */
const special = {
  [`${meta}.Time`]: 'T',
  [`${meta}.MicroTime`]: 'M',
  [`${meta}.FieldsV1`]: 'R',
  'k8s.io.apimachinery.pkg.runtime.RawExtension': 'R',
  'k8s.io.apimachinery.pkg.api.resource.Quantity': 'Q',
  'k8s.io.apimachinery.pkg.util.intstr.IntOrString': 'I',
}
const scalars = { string: 's', bytes: 'y', bool: 'b', int32: 'i', int64: 'l' }

/** The newest folder of a module. */
function moduleFolder(parent, name) {
  const found = readdirSync(parent).filter((one) => one === name || one.startsWith(`${name}@`))
  const newest = found.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)
  if (newest === undefined) throw new Error(`no module ${name} in ${parent}`)
  return join(parent, newest)
}

function* protoFiles(folder) {
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry)
    if (entry === 'testapigroup' || entry === 'testdata') continue
    if (statSync(path).isDirectory()) yield* protoFiles(path)
    else if (entry === 'generated.proto') yield path
  }
}

/** Messages of one file: name to fields `{ number, repeated, map, type }`. */
function readProto(text) {
  let package_ = ''
  let fields
  const messages = new Map()
  for (const line of text.split('\n').map((one) => one.trim())) {
    const field = /^(optional|repeated) (\S+) \w+ = (\d+);/.exec(line)
    const map = /^map<string, (\S+)> \w+ = (\d+);/.exec(line)
    if (line.startsWith('package ')) package_ = line.slice(8, -1)
    else if (/^message (\w+) \{/.test(line)) {
      fields = []
      messages.set(line.split(' ')[1], fields)
    } else if (field) fields.push({ number: +field[3], mark: field[1] === 'repeated' ? '*' : ':', type: field[2] })
    else if (map) fields.push({ number: +map[2], mark: '%', type: map[1] })
    else if (
      line !== '' &&
      !/^(\/\/|\/\*|\*\/|[A-Z]|http|syntax|import|option|\}|you|distributed|limitations)/.test(line)
    )
      throw new Error(`unknown line: ${line}`)
  }
  return { package_, messages }
}

/** Go types of one folder: structs with fields by protobuf number, and the names of those that are lists. */
function readGo(folder) {
  const structs = new Map()
  const lists = new Set()
  const kinds = new Set()
  const same = new Map()
  const imports = new Map()
  let group = ''
  let open
  for (const file of readdirSync(folder).filter((one) => one.endsWith('.go'))) {
    if (file.endsWith('_test.go') || file.includes('generated')) continue
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      const start = /^type (\w+) struct \{/.exec(line)
      const tags = /^\t(?:(\w+)\s+)?(\S+)\s+`(.*)`/.exec(line)
      if (start) {
        open = start[1]
        structs.set(open, new Map())
      } else if (line.startsWith('}')) open = undefined
      else if (/^type \w+ \[\]/.test(line)) lists.add(line.split(' ')[1])
      else if (/^\t\w+ "k8s.io/.test(line))
        imports.set(line.trim().split(' ')[0], line.split('"')[1].replaceAll('/', '.'))
      else if (/^type \w+ \w+\.\w+$/.test(line)) {
        const [, name, from, other] = /^type (\w+) (\w+)\.(\w+)$/.exec(line)
        same.set(name, `${imports.get(from)}.${other}`)
      } else if (/^const GroupName = "/.test(line)) group = line.split('"')[1]
      else if (open !== undefined && tags) {
        const json = /json:"([^"]*)"/.exec(tags[3])?.[1].split(',')
        const number = /protobuf:"\w+,(\d+)/.exec(tags[3])?.[1]
        if (json?.[1] === 'inline' && /(^|\.)TypeMeta$/.test(tags[2])) kinds.add(open)
        if (json === undefined || number === undefined) continue
        const inline = json.includes('inline')
        if (!inline && (json[0] === '' || json[0] === '-')) continue
        const omitted = json.includes('omitempty') && !tags[2].startsWith('*')
        structs.get(open).set(+number, { name: json[0], inline, omitted, omitsZero: json.includes('omitzero') })
      }
    }
  }
  return { structs, lists, kinds, same, group }
}

/** All messages by full name, each as a function from names of messages to its line; and the kinds by group and version. */
function readAll(parent) {
  const messages = new Map()
  const kinds = new Map()
  const paths = [moduleFolder(parent, 'api'), moduleFolder(parent, 'apimachinery')].flatMap((one) => [
    ...protoFiles(one),
  ])
  const packages = paths.map((path) => {
    const proto = readProto(readFileSync(path, 'utf8'))
    return { ...proto, go: readGo(dirname(path)), version: basename(dirname(path)) }
  })
  const structs = new Map(
    packages.flatMap(({ package_, go }) => [...go.structs].map(([name, fields]) => [`${package_}.${name}`, fields])),
  )
  for (const { package_, messages: found, go, version } of packages) {
    const place = package_ === meta ? '' : `${go.group === '' ? '' : `${go.group}/`}${version}`
    for (const [name, fields] of found) {
      const full = `${package_}.${name}`
      if (special[full] !== undefined) continue
      const goFields = structs.get(go.same.get(name) ?? full)
      const isList = go.lists.has(name)
      messages.set(
        full,
        fields.map((field) => joined(field, isList ? undefined : goFields, isList, package_)),
      )
      if (
        go.kinds.has(name) &&
        !name.endsWith('List') &&
        (name === 'DeleteOptions' || !package_.startsWith('k8s.io.apimachinery'))
      )
        kinds.set(`${place} ${name}`, full)
    }
  }
  return { messages, kinds }
}

function joined({ number, mark, type }, goFields, isList, package_) {
  const scalar = scalars[type]
  const full = type.startsWith('.') ? type.slice(1) : `${package_}.${type}`
  const code = scalar ?? special[full]
  const known = code === undefined ? { full } : { code }
  if (isList) return { name: '', number, mark, ...known }
  const field = goFields?.get(number)
  if (field === undefined) return { name: undefined, number, mark, ...known }
  const isTime = code === 'T' || code === 'M'
  const omitted = mark === ':' && ((field.omitted && scalar !== undefined) || (field.omitsZero && isTime))
  return { name: field.name, number, mark: field.inline ? '^' : omitted ? '?' : mark, ...known }
}

/** The messages that kinds need, equal ones as one; a line each, sorted by their names. */
function tables({ messages, kinds }) {
  const reached = new Set()
  const reach = (full) => {
    if (reached.has(full)) return
    reached.add(full)
    for (const field of messages.get(full)) {
      if (field.name === undefined) throw new Error(`${full} has no Go field ${field.number}`)
      if (field.full !== undefined) reach(field.full)
    }
  }
  for (const full of kinds.values()) reach(full)
  const names = [...reached].sort()
  const line = (full, id) =>
    messages
      .get(full)
      .map(({ name, number, mark, code, full: other }) => `${name}=${number}${mark}${code ?? id(other)}`)
      .join(',')
  let classes = new Map(names.map((full) => [full, 0]))
  for (let count = 0; ; ) {
    const ids = new Map()
    const next = new Map()
    for (const full of names) {
      const text = line(full, (other) => classes.get(other))
      if (!ids.has(text)) ids.set(text, ids.size)
      next.set(full, ids.get(text))
    }
    classes = next
    if (ids.size === count) break
    count = ids.size
  }
  const first = new Map()
  for (const full of names) if (!first.has(classes.get(full))) first.set(classes.get(full), full)
  const places = new Map()
  for (const [full, index] of [...kinds].map(([kind, full]) => [kind, classes.get(full)])) {
    const [place, kind] = full.split(' ')
    places.set(place, [...(places.get(place) ?? []), `${kind}=${index}`])
  }
  return {
    kinds: [...places].sort(([a], [b]) => (a < b ? -1 : 1)).map(([place, all]) => `${place} ${all.sort().join(',')}`),
    messages: [...first.values()].map((full) => line(full, (other) => classes.get(other))),
  }
}

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('node tools/kube-messages.mjs FOLDER')
const { kinds, messages } = tables(readAll(folder))
const version = basename(moduleFolder(folder, 'api')).split('@v0.')[1] ?? 'unknown'
writeFileSync(
  join(fileURLToPath(new URL('..', import.meta.url)), 'engine/action/kube/protobuf/messages-data.ts'),
  `// How the objects of Kubernetes 1.${version} are written as protobuf: numbers, types and JSON names of their fields.
// Written by tools/kube-messages.mjs; read by messages.ts, which says what the lines mean.

/** GROUP/VERSION KIND=MESSAGE,...; a line without a group and version stands for all of them. */
export const kindLines: string = \`
${kinds.join('\n')}
\`

/** One message a line, counted from 0: NAME=NUMBER MARK TYPE,... without the blanks. */
export const messageLines: string = \`
${messages.join('\n')}
\`
`,
)
