// What a policy is asked: one entry point for what is about to happen, one for the answer to it.

/** The entry point that decides. */
export const decisionEntrypoint = 'sallyport/decision'
/** The entry point that decides on the answer to an allowed action; only there where a policy says something of answers. */
export const responseEntrypoint = 'sallyport/response'

/** Who can be asked: a policy host, as far as this folder needs it. */
export interface Asked {
  has(entrypoint: string): boolean
  evaluate(entrypoint: string, input: unknown): unknown
}

/** What stands for the answer of a policy that says nothing of answers: what the request was allowed under stays. */
const unasked = { effect: 'allow', allow: ['sallyport.request'], deny: [], mask: [], limit: [], header: [], record: [] }

/** When in its exchange an action is judged, by its document. */
export function stageOf(document: unknown): 'request' | 'response' {
  const action: unknown =
    typeof document === 'object' && document !== null ? Reflect.get(document, 'action') : undefined
  const stage: unknown = typeof action === 'object' && action !== null ? Reflect.get(action, 'stage') : undefined
  return stage === 'response' ? 'response' : 'request'
}

/** The policy's result on a document, whatever its stage, for `readDecision`. Throws what evaluating throws. */
export function resultOn(policy: Asked, document: unknown): unknown {
  if (stageOf(document) === 'request') return policy.evaluate(decisionEntrypoint, document)
  return policy.has(responseEntrypoint) ? policy.evaluate(responseEntrypoint, document) : unasked
}
