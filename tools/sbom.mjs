// The software bill of materials of the package, in CycloneDX 1.5, from the lock file alone: what an installation without
// development dependencies gets, with the hashes that npm checks. The same lock gives the same bytes.
// `npm sbom --omit dev` leaves out what a development dependency needs as well, so it is not used here.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The bill of materials of the tree at `root`, as text. */
export function sbomOf(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const { name, version, license, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const found = reachable(packages)
  const component = {
    'bom-ref': `${name}@${version}`,
    type: 'application',
    name,
    version,
    description,
    licenses: [{ license: { id: license } }],
    purl: `pkg:npm/${name}@${version}`,
  }
  const places = [...found.keys()].filter((place) => place !== '').sort()
  const refOf = (place) =>
    place === '' ? component['bom-ref'] : `${nameOf(place, packages[place])}@${packages[place].version}`
  const components = new Map(places.map((place) => [refOf(place), componentOf(place, packages[place], refOf(place))]))
  const dependencies = new Map()
  for (const place of ['', ...places]) {
    const ref = refOf(place)
    dependencies.set(ref, new Set([...(dependencies.get(ref) ?? []), ...found.get(place).map(refOf)]))
  }
  const told = {
    version: 1,
    metadata: { lifecycles: [{ phase: 'pre-build' }], component },
    components: [...components.values()],
    dependencies: [...dependencies].map(([ref, on]) => ({ ref, dependsOn: [...on].sort() })),
  }
  const head = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
  }
  return `${JSON.stringify({ ...head, serialNumber: `urn:uuid:${uuidOf(told)}`, ...told }, null, 2)}\n`
}

/** Every place of the lock that an installation reaches, with the places that it depends on. */
function reachable(packages) {
  const found = new Map()
  const open = ['']
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (found.has(place)) continue
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = packages[place]
    const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
    const on = names.map((name) => resolve(packages, place, name)).filter((one) => one !== undefined)
    found.set(place, on)
    open.push(...on)
  }
  return found
}

/** Where Node finds a package: in the folder of whoever asks, or in one above. */
function resolve(packages, from, name) {
  const steps = from === '' ? [] : from.split('/node_modules/')
  for (let count = steps.length; count >= 0; count--) {
    const folder = steps.slice(0, count).join('/node_modules/')
    const place = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (packages[place] !== undefined) return place
  }
  return undefined
}

function nameOf(place, { name }) {
  return name ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

function componentOf(place, entry, ref) {
  const name = nameOf(place, entry)
  const { version, license, integrity, optional } = entry
  return {
    'bom-ref': ref,
    type: 'library',
    name,
    version,
    scope: optional === true ? 'optional' : 'required',
    ...(integrity === undefined ? {} : { hashes: [hashOf(integrity)] }),
    ...(license === undefined ? {} : { licenses: [licenseOf(license)] }),
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
  }
}

/** An expression such as `(MIT OR CC0-1.0)` is no identifier. */
function licenseOf(license) {
  return license.includes(' ') ? { expression: license } : { license: { id: license } }
}

function hashOf(integrity) {
  const [algorithm, value] = integrity.split('-')
  return { alg: `SHA-${algorithm.slice('sha'.length)}`, content: Buffer.from(value, 'base64').toString('hex') }
}

/** A UUID made of a hash: version 8, as RFC 9562 has it. */
function uuidOf(told) {
  const digest = createHash('sha256').update(JSON.stringify(told)).digest('hex')
  const part = (from, to) => digest.slice(from, to)
  return `${part(0, 8)}-${part(8, 12)}-8${part(13, 16)}-8${part(17, 20)}-${part(20, 32)}`
}
