// SARIF 2.1.0, the form in which code scanning takes findings.

/** One finding. */
export interface Finding {
  readonly rule: string
  readonly level: 'error' | 'warning' | 'note'
  readonly message: string
  readonly place: { readonly file: string; readonly row: number; readonly col: number }
}

/** A log with one run. */
export function sarifLog(findings: readonly Finding[]): string {
  const rules = [...new Set(findings.map((one) => one.rule))].sort()
  const results = findings.map(({ rule, level, message, place }) => ({
    ruleId: rule,
    ruleIndex: rules.indexOf(rule),
    level,
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: place.file.replaceAll('\\', '/') },
          region: { startLine: Math.max(1, place.row), startColumn: Math.max(1, place.col) },
        },
      },
    ],
  }))
  const driver = { name: 'sallyport policy', rules: rules.map((id) => ({ id })) }
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'unicodeCodePoints', results }],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}
