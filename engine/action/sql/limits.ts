// Every limit of the SQL analyzer, with its reason. Configuration may lower them, never raise them.

/** Bytes of one statement text. A text beyond it is refused unread. */
export const statementBytesMax: number = 1024 * 1024

/**
 * Tokens of one text. Nesting needs tokens, and a very deep tree corrupts the parser's memory for good, so this also
 * bounds the depth (measured: trouble starts near 30,000 operators).
 */
export const statementTokensMax: number = 200_000

/** Operators, brackets and set operations of one text: what can nest an expression. */
export const statementOperatorsMax: number = 10_000

/** Nesting of brackets in one text; the server's own parser gives up at some thousands. */
export const statementDepthMax = 1_000

/** A text is parsed in this thread only below these three: it costs about a millisecond and cannot nest deeply. */
export const inlineBytesMax: number = 16 * 1024
/** See `inlineBytesMax`. Chains of operators overflow a thread's stack from some 2,000 on. */
export const inlineOperatorsMax = 600
/** See `inlineBytesMax`. Subqueries overflow a thread's stack from some 300 levels on. */
export const inlineDepthMax = 80

/** Bytes of a function body that the analyzer reads; it is parsed in this thread, below the inline limits otherwise. */
export const bodyBytesMax: number = 128 * 1024

/** How long a worker may take for one text. */
export const parseDeadlineMs = 1000

/** Texts that may wait for a parser worker. */
export const parseQueueMax = 64

/** Parser workers of one gateway process. */
export const parserWorkers = 2

/** Entries of the analysis cache, over all sessions of one upstream database. */
export const cacheEntriesMax = 10_000

/** Longest text that is cached, so that the cache is bounded in bytes too. */
export const cacheTextBytesMax: number = 16 * 1024

/** Depth of nested views, functions, rules and triggers that the analyzer follows; the server has no such limit. */
export const bodyDepthMax = 32

/** Depth of the parse tree that the analyzer walks. */
export const treeDepthMax = 2_000

/**
 * Expressions of one statement after which nothing is walked again: what recursion makes of columns, and a routine for the
 * texts that one call gives it, are found by walking again, and nested that would be without end.
 */
export const againMax = 20_000

/** Columns of one query that are followed; the server takes 1,664, and stars of stars would be without end. */
export const targetsMax = 2_000

/** Domains over domains, and composites of composites, are followed this far. */
export const typeDepthMax = 16

/** Ways by which one relation or function is noted to be reached; beyond them all others are one way without a name. */
export const waysMax = 16

/** Names that the catalog does not have which are told; none is longer than the server's own bound. */
export const unresolvedMax = 8

/** Relations, functions and column references that one statement's facts may hold. */
export const factsMax = 20_000
