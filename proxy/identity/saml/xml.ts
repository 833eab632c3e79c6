// A strict reader of the little XML that SAML needs: elements, attributes and text, namespaces resolved, places kept. What
// attacks are made of (document types, entities, comments, CDATA, processing instructions) is refused, not skipped.

/** Why a text is not read. */
export class XmlError extends Error {}

/** An element. `start` and `end` say where it stands in the text. */
export interface XmlElement {
  readonly local: string
  readonly namespace: string
  /** By local name, for attributes without a prefix; those with one are under `{namespace}name`. */
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** All text directly inside, in one. */
  readonly text: string
  readonly start: number
  readonly end: number
}

const charsMax = 256 * 1024
const elementsMax = 2000
const depthMax = 32
const attributesMax = 64
const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'
const entities: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

/** The root element of a text. Throws XmlError. */
export function parseXml(text: string): XmlElement {
  if (text.length > charsMax) throw new XmlError(`more than ${charsMax} characters`)
  const cursor = new Cursor(text)
  cursor.declaration()
  cursor.space()
  const root = cursor.element(new Map([['xml', xmlNamespace]]), 0)
  cursor.space()
  cursor.end()
  return root
}

class Cursor {
  readonly #text: string
  #at = 0
  #elements = 0

  constructor(text: string) {
    this.#text = text
  }

  /** `<?xml version="1.0" ...?>` at the very begin, and nowhere else. */
  declaration(): void {
    if (!this.#text.startsWith('<?xml ')) return
    const end = this.#text.indexOf('?>')
    if (end < 0 || end > 200) throw new XmlError('the declaration does not end')
    const said = this.#text.slice(0, end).toLowerCase()
    if (said.includes('encoding') && !said.includes('utf-8')) throw new XmlError('the encoding is not UTF-8')
    this.#at = end + 2
  }

  space(): void {
    while (isSpace(this.#text[this.#at])) this.#at++
  }

  end(): void {
    if (this.#at !== this.#text.length) throw new XmlError('there is something after the document')
  }

  element(inherited: ReadonlyMap<string, string>, depth: number): XmlElement {
    if (depth > depthMax) throw new XmlError(`elements nest deeper than ${depthMax}`)
    if (++this.#elements > elementsMax) throw new XmlError(`more than ${elementsMax} elements`)
    const start = this.#at
    this.#take('<')
    const name = this.#name()
    const { own, scope } = this.#attributes(inherited)
    const element = { ...resolved(name, scope, true), attributes: resolvedAll(own, scope) }
    if (this.#text.startsWith('/>', this.#at)) {
      this.#at += 2
      return { ...element, children: [], text: '', start, end: this.#at }
    }
    this.#take('>')
    const children: XmlElement[] = []
    let content = ''
    for (;;) {
      const next = this.#text.indexOf('<', this.#at)
      if (next < 0) throw new XmlError('an element does not end')
      content += decoded(this.#text.slice(this.#at, next))
      this.#at = next
      if (this.#text.startsWith('</', next)) break
      const sign = this.#text[next + 1]
      if (sign === '!' || sign === '?')
        throw new XmlError('comments, CDATA, document types and processing instructions are not accepted')
      children.push(this.element(scope, depth + 1))
    }
    this.#at += 2
    if (this.#name() !== name) throw new XmlError('an element ends under another name')
    this.space()
    this.#take('>')
    return { ...element, children, text: content, start, end: this.#at }
  }

  #attributes(inherited: ReadonlyMap<string, string>): {
    readonly own: ReadonlyMap<string, string>
    readonly scope: ReadonlyMap<string, string>
  } {
    const own = new Map<string, string>()
    const declared = new Set<string>()
    let scope = inherited
    for (;;) {
      const before = this.#at
      this.space()
      const sign = this.#text[this.#at]
      if (sign === '>' || sign === '/') return { own, scope }
      if (before === this.#at) throw new XmlError('attributes stand apart')
      const name = this.#name()
      this.space()
      this.#take('=')
      this.space()
      const value = this.#value()
      if (name === 'xmlns' || name.startsWith('xmlns:')) {
        const prefix = name === 'xmlns' ? '' : name.slice('xmlns:'.length)
        if (prefix === 'xml' || prefix === 'xmlns' || (prefix !== '' && value === ''))
          throw new XmlError('a namespace is declared that cannot be')
        if (declared.has(prefix)) throw new XmlError('a namespace is declared twice')
        declared.add(prefix)
        scope = new Map(scope).set(prefix, value)
      } else if (own.has(name)) throw new XmlError('an attribute comes twice')
      else own.set(name, value)
      if (own.size + scope.size > attributesMax) throw new XmlError(`more than ${attributesMax} attributes`)
    }
  }

  #value(): string {
    const quote = this.#text[this.#at]
    if (quote !== '"' && quote !== "'") throw new XmlError('an attribute has no quotes')
    const end = this.#text.indexOf(quote, this.#at + 1)
    if (end < 0) throw new XmlError('an attribute does not end')
    const value = this.#text.slice(this.#at + 1, end)
    if (value.includes('<')) throw new XmlError('an attribute holds `<`')
    this.#at = end + 1
    return decoded(value)
  }

  #name(): string {
    const start = this.#at
    while (isNameSign(this.#text[this.#at])) this.#at++
    const name = this.#text.slice(start, this.#at)
    const parts = name.split(':')
    if (parts.length > 2 || parts.some((part) => part === '' || !isNameStart(part[0])))
      throw new XmlError('a name is malformed')
    return name
  }

  #take(sign: string): void {
    if (this.#text[this.#at] !== sign) throw new XmlError(`\`${sign}\` is missing`)
    this.#at++
  }
}

function resolved(
  name: string,
  scope: ReadonlyMap<string, string>,
  isElement: boolean,
): { readonly local: string; readonly namespace: string } {
  const colon = name.indexOf(':')
  const prefix = colon < 0 ? '' : name.slice(0, colon)
  if (prefix === '') return { local: name, namespace: isElement ? (scope.get('') ?? '') : '' }
  const namespace = scope.get(prefix)
  if (namespace === undefined) throw new XmlError('a prefix has no namespace')
  return { local: name.slice(colon + 1), namespace }
}

function resolvedAll(
  own: ReadonlyMap<string, string>,
  scope: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of own) {
    const { local, namespace } = resolved(name, scope, false)
    const key = namespace === '' ? local : `{${namespace}}${local}`
    if (found.has(key)) throw new XmlError('an attribute comes twice')
    found.set(key, value)
  }
  return found
}

/** Text with its references replaced: the five of XML and numbers, and no others. */
function decoded(text: string): string {
  if (text.includes(']]>')) throw new XmlError('a text holds `]]>`')
  let out = ''
  let from = 0
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', from)) {
    const end = text.indexOf(';', at)
    if (end < 0 || end - at > 10) throw new XmlError('a reference does not end')
    out += text.slice(from, at) + reference(text.slice(at + 1, end))
    from = end + 1
  }
  return checked(out + text.slice(from))
}

function reference(name: string): string {
  const known = entities.get(name)
  if (known !== undefined) return known
  const digits = /^#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}))$/.exec(name)
  if (digits === null) throw new XmlError('entities are not accepted')
  const code = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16)
  if (code > 0x10_ff_ff || (code >= 0xd8_00 && code <= 0xdf_ff)) throw new XmlError('a reference is no character')
  return String.fromCodePoint(code)
}

function checked(text: string): string {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 32 && code !== 9 && code !== 10 && code !== 13) throw new XmlError('there are control characters')
  }
  return text
}

function isSpace(sign: string | undefined): boolean {
  return sign === ' ' || sign === '\n' || sign === '\t' || sign === '\r'
}

function isNameStart(sign: string | undefined): boolean {
  return sign !== undefined && ((sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z') || sign === '_')
}

function isNameSign(sign: string | undefined): boolean {
  return isNameStart(sign) || (sign !== undefined && ((sign >= '0' && sign <= '9') || ':.-'.includes(sign)))
}
