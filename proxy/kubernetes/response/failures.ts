// What a cluster says against a change of an object that is masked here. It repeats values of the object as it is: a pod's
// error shows all variables beside the one that was to change. Where it was wrong is told, and no word of how.
import { type Changeable, field, isObject, type MaskCounts } from './value-mask.ts'

/** Reasons whose texts the API server makes without the values of an object. */
const plainReasons: ReadonlySet<string> = new Set([
  'AlreadyExists',
  'Conflict',
  'Expired',
  'Gone',
  'MethodNotAllowed',
  'NotAcceptable',
  'NotFound',
  'RequestEntityTooLarge',
  'ServerTimeout',
  'Timeout',
  'TooManyRequests',
  'Unauthorized',
  'UnsupportedMediaType',
])

const hidden = 'what the cluster says of it is not shown, since values are masked here'

/** Takes the words out of a failure, in place. */
export function hideFailure(status: Changeable, counts: MaskCounts): void {
  if (!isObject(status)) return
  const reason = field(status, 'reason')
  if (field(status, 'status') !== 'Failure' || (typeof reason === 'string' && plainReasons.has(reason))) return
  const details = field(status, 'details')
  const causes = field(details, 'causes')
  const told: { [key: string]: Changeable }[] = Array.isArray(causes)
    ? causes.map((cause) => ({ reason: field(cause, 'reason'), message: hidden, field: field(cause, 'field') }))
    : []
  const fields = [...new Set(told.flatMap(({ field: name }) => (typeof name === 'string' ? [name] : [])))]
  status['message'] = fields.length === 0 ? hidden : `${fields.join(', ')}: ${hidden}`
  if (isObject(details) && causes !== null) details['causes'] = told
  counts.set(counted, (counts.get(counted) ?? 0) + 1)
}

/** By which rule words of failures are counted. */
const counted = 'sallyport.masking'
