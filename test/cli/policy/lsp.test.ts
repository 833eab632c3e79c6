// The language server as an editor uses it: a real client over standard input and output.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  type CompletionItem,
  createProtocolConnection,
  type Hover,
  type Location,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
} from 'vscode-languageserver/node.js'
import { folderWith } from './run-policy.ts'

const bin = fileURLToPath(new URL('../../../bin/sallyport.js', import.meta.url))

interface Editor {
  readonly connection: ProtocolConnection
  readonly server: ChildProcess
  uri(file: string): string
  open(file: string, text: string): void
  change(file: string, text: string): void
  /** The diagnostics of a file once they are as wanted. */
  diagnosed(file: string, wanted: (params: PublishDiagnosticsParams) => boolean): Promise<PublishDiagnosticsParams>
}

const servers: ChildProcess[] = []
after(() => {
  for (const server of servers) server.kill()
})

async function editorIn(folder: string): Promise<Editor> {
  const server = spawn(process.execPath, [bin, 'policy', 'lsp'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] })
  servers.push(server)
  assert.ok(server.stdout !== null && server.stdin !== null)
  const connection = createProtocolConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  )
  const seen: PublishDiagnosticsParams[] = []
  const waiting: {
    readonly fits: (params: PublishDiagnosticsParams) => boolean
    readonly done: (params: PublishDiagnosticsParams) => void
  }[] = []
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    seen.push(params)
    for (const one of waiting) if (one.fits(params)) one.done(params)
  })
  connection.listen()
  const uri = (file: string): string => pathToFileURL(join(folder, file)).href
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'policies' }],
  })
  await connection.sendNotification('initialized', {})
  let version = 1
  return {
    connection,
    server,
    uri,
    open: (file, text) => {
      const textDocument = { uri: uri(file), languageId: 'rego', version: 1, text }
      void connection.sendNotification('textDocument/didOpen', { textDocument })
    },
    change: (file, text) => {
      const textDocument = { uri: uri(file), version: ++version }
      void connection.sendNotification('textDocument/didChange', { textDocument, contentChanges: [{ text }] })
    },
    diagnosed: (file, wanted) => {
      const fits = (params: PublishDiagnosticsParams): boolean => params.uri === uri(file) && wanted(params)
      const known = seen.findLast((params) => params.uri === uri(file))
      if (known !== undefined && fits(known)) return Promise.resolve(known)
      return new Promise((done) => waiting.push({ fits, done }))
    },
  }
}

const helper = `package lib.names

# METADATA
# title: Is one of ours
# description: Subjects of the team begin with its name.
ours(name) if startswith(name, "team-")
`
const policyText = `package policy.orders

import data.lib.names

allow if {
	subject := input.identity.subject
	names.ours(subject)
	count(input.identity.groups) > 0
}
`

/** The position right behind a text. */
function behind(text: string, part: string): { readonly line: number; readonly character: number } {
  const lines = text.slice(0, text.indexOf(part) + part.length).split('\n')
  return { line: lines.length - 1, character: (lines.at(-1) ?? '').length }
}

test('an editor gets diagnostics, hover, definitions, completions and formatting', async () => {
  const folder = folderWith({ 'lib.rego': helper, 'orders.rego': policyText })
  const editor = await editorIn(folder)
  const { connection, uri } = editor
  const textDocument = { uri: uri('orders.rego') }
  editor.open('orders.rego', policyText)

  const ask = <T>(method: string, part: string): Promise<T> =>
    connection.sendRequest(method, { textDocument, position: behind(policyText, part) })
  const shown = async (part: string): Promise<string> =>
    JSON.stringify(await ask<Hover | null>('textDocument/hover', part))
  assert.match(await shown('names.our'), /ours\(name\) if startswith.*Is one of ours.*Subjects of the team/)
  assert.match(await shown('coun'), /count\(.*\) -> number/)
  assert.match(await shown('input.identity.sub'), /input\.identity\.subject: string/)
  assert.equal(await shown('package pol'), 'null')

  const [definition] = await ask<Location[]>('textDocument/definition', 'names.our')
  assert.equal(definition?.uri, uri('lib.rego'))
  assert.equal(definition?.range.start.line, 5)
  const [variable] = await ask<Location[]>('textDocument/definition', 'names.ours(subj')
  assert.deepEqual([variable?.uri, variable?.range.start.line], [textDocument.uri, 5])
  assert.deepEqual(await ask<Location[]>('textDocument/definition', 'package pol'), [])

  const labels = async (part: string): Promise<readonly string[]> =>
    (await ask<CompletionItem[]>('textDocument/completion', part)).map((item) => item.label)
  assert.deepEqual((await labels('input.')).filter((one) => ['action', 'identity', 'nope'].includes(one)).sort(), [
    'action',
    'identity',
  ])
  assert.ok((await labels('input.identity.')).includes('groups'))
  assert.deepEqual(await labels('names.'), ['ours'])
  assert.ok((await labels('\tcou')).includes('count'))

  const edits = await connection.sendRequest<TextEdit[]>('textDocument/formatting', {
    textDocument,
    options: { tabSize: 4, insertSpaces: false },
  })
  assert.deepEqual(edits, [])
  await connection.sendRequest('shutdown')
  const exited = new Promise((done) => editor.server.once('exit', done))
  await connection.sendNotification('exit')
  assert.equal(await exited, 0)
})

test('diagnostics follow what is typed, over all files of the workspace', async () => {
  const folder = folderWith({ 'lib.rego': helper, 'orders.rego': policyText })
  const editor = await editorIn(folder)
  editor.open('orders.rego', policyText)
  editor.change('orders.rego', policyText.replace('input.identity.subject', 'input.identiti.subject'))
  const wrong = await editor.diagnosed('orders.rego', (params) => params.diagnostics.length > 0)
  assert.match(
    wrong.diagnostics[0]?.message ?? '',
    /undefined ref: input\.identiti\n.*\n.*\nhelp: did you mean `identity`\?/,
  )
  assert.deepEqual(wrong.diagnostics[0]?.range.start, { line: 5, character: 18 })
  editor.change('orders.rego', policyText)
  await editor.diagnosed('orders.rego', (params) => params.diagnostics.length === 0)
  editor.open('lib.rego', helper.replace('ours(name)', 'theirs(name)'))
  const broken = await editor.diagnosed('orders.rego', (params) => params.diagnostics.length > 0)
  assert.match(broken.diagnostics[0]?.message ?? '', /undefined function/)
  editor.change('orders.rego', 'package policy.orders\nallow   if   true\n')
  await editor.diagnosed('orders.rego', (params) => params.diagnostics.length === 0)
  const edits = await editor.connection.sendRequest<TextEdit[]>('textDocument/formatting', {
    textDocument: { uri: editor.uri('orders.rego') },
    options: { tabSize: 4, insertSpaces: false },
  })
  assert.deepEqual(
    edits.map((edit) => edit.newText),
    ['package policy.orders\n\nallow := true\n'],
  )
  assert.equal(readFileSync(join(folder, 'orders.rego'), 'utf8'), policyText)
  editor.connection.end()
})
