// `sallyport policy lsp`: a language server on standard input and output, for every editor that speaks the protocol.
import {
  type CompletionItem,
  createConnection,
  DiagnosticSeverity,
  type Diagnostic as EditorDiagnostic,
  type Location as EditorLocation,
  type Hover,
  type InitializeParams,
  type InitializeResult,
  ProposedFeatures,
  type Range,
  StreamMessageReader,
  StreamMessageWriter,
  TextDocumentSyncKind,
  TextDocuments,
  type TextEdit,
} from 'vscode-languageserver/node.js'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { type Diagnostic, type Location, parseModule } from '../../../rego/syntax/index.ts'
import { printModule } from '../../../rego/syntax/printer/index.ts'
import { readActionSchema } from '../action-schema.ts'
import { withReviewer } from '../reviewer-schema.ts'
import { completionsAt } from './completion.ts'
import { hoverAt } from './hover.ts'
import { definitionsAt } from './symbols.ts'
import { Workspace } from './workspace.ts'

/** Keystrokes that come within this time are checked once. */
const settleMs = 30

/** Serves one editor until it says exit. */
export function lsp(): Promise<number> {
  const connection = createConnection(
    ProposedFeatures.all,
    new StreamMessageReader(process.stdin),
    new StreamMessageWriter(process.stdout),
  )
  const documents = new TextDocuments(TextDocument)
  const workspace = new Workspace()
  const published = readActionSchema()
  const schema = published === undefined ? undefined : withReviewer(published)
  let folders: readonly string[] = []
  let timer: NodeJS.Timeout | undefined
  const shown = new Set<string>()

  const publish = (): void => {
    for (const [uri, found] of workspace.check()) {
      if (found.length === 0 && !shown.has(uri)) continue
      if (found.length === 0) shown.delete(uri)
      else shown.add(uri)
      const text = workspace.text(uri) ?? ''
      void connection.sendDiagnostics({ uri, diagnostics: found.map((one) => shownDiagnostic(one, text)) })
    }
  }
  const soon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(publish, settleMs)
  }
  const at = (uri: string, position: { readonly line: number; readonly character: number }): number =>
    documents.get(uri)?.offsetAt(position) ?? 0

  connection.onInitialize((params: InitializeParams): InitializeResult => {
    folders = (params.workspaceFolders ?? []).map(({ uri }) => uri).filter((uri) => uri.startsWith('file:'))
    return {
      serverInfo: { name: 'sallyport policy' },
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        hoverProvider: true,
        definitionProvider: true,
        documentFormattingProvider: true,
        completionProvider: { triggerCharacters: ['.'] },
      },
    }
  })
  const addFolders = async (): Promise<void> => {
    for (const uri of folders) await workspace.addFolder(uri)
    publish()
  }
  // What is asked before all files are read is answered when they are.
  let loaded: Promise<void> = Promise.resolve()
  connection.onInitialized(() => {
    loaded = addFolders().catch((error: unknown) => connection.console.error(String(error)))
  })
  documents.onDidChangeContent(({ document }) => {
    workspace.change(document.uri, document.getText())
    soon()
  })
  documents.onDidClose(({ document }) => {
    workspace.close(document.uri)
    soon()
  })
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) workspace.changedOnDisk(uri)
    soon()
  })
  connection.onHover(async ({ textDocument, position }): Promise<Hover | null> => {
    await loaded
    const module = workspace.module(textDocument.uri)
    const offset = at(textDocument.uri, position)
    const value = module === undefined ? undefined : hoverAt(workspace.modules(), module, offset, schema)
    return value === undefined ? null : { contents: { kind: 'markdown', value } }
  })
  connection.onDefinition(async ({ textDocument, position }): Promise<EditorLocation[]> => {
    await loaded
    const module = workspace.module(textDocument.uri)
    if (module === undefined) return []
    const found = definitionsAt(workspace.modules(), module, at(textDocument.uri, position))
    return found.map((one) => ({ uri: one.file, range: rangeOf(one, workspace.text(one.file) ?? '') }))
  })
  connection.onCompletion(async ({ textDocument, position }): Promise<CompletionItem[]> => {
    await loaded
    const before = (documents.get(textDocument.uri)?.getText() ?? '').slice(0, at(textDocument.uri, position))
    return [...completionsAt(before, workspace.module(textDocument.uri), workspace.modules(), schema)]
  })
  connection.onDocumentFormatting(({ textDocument }): TextEdit[] => {
    const document = documents.get(textDocument.uri)
    if (document === undefined) return []
    return formatEdits(document)
  })
  return new Promise((resolve) => {
    connection.onExit(() => {
      clearTimeout(timer)
      resolve(0)
    })
    // An editor that is gone says nothing any more.
    process.stdin.once('end', () => {
      clearTimeout(timer)
      resolve(1)
    })
    documents.listen(connection)
    connection.listen()
  })
}

/** The whole document in canonical form; nothing while it does not parse. */
function formatEdits(document: TextDocument): TextEdit[] {
  const text = document.getText()
  const { module } = parseModule(text, { file: document.uri })
  if (module === undefined) return []
  const newText = printModule(module)
  if (newText === text) return []
  return [{ range: { start: { line: 0, character: 0 }, end: document.positionAt(text.length) }, newText }]
}

function shownDiagnostic(one: Diagnostic, text: string): EditorDiagnostic {
  const details = [...(one.details ?? []), ...(one.help === undefined ? [] : [`help: ${one.help}`])]
  return {
    severity: DiagnosticSeverity.Error,
    source: 'sallyport',
    code: one.code,
    message: [one.message, ...details].join('\n'),
    range: rangeOf(one.location, text),
  }
}

/** A place as the editor counts: lines and UTF-16 units from 0. */
function rangeOf(location: Location, text: string): Range {
  const document = TextDocument.create('', 'rego', 0, text)
  const start = document.positionAt(location.offset)
  const end = document.positionAt(Math.max(location.end, location.offset + 1))
  // A long construct is marked on its first line only.
  return { start, end: end.line > start.line ? { line: start.line + 1, character: 0 } : end }
}
