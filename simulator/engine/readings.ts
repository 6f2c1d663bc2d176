import { BUILD_READINGS, reading } from '../../language/index.ts'
import type { Choices } from '../../language/index.ts'

/**
 * Where Google's documentation is silent or ambiguous, the simulator follows one reading; the others can be
 * chosen by name, so that whatever depends on one can be tested under all. The first reading is the default.
 */
export const READINGS = {
  ...BUILD_READINGS,
  structuralSteps: reading(
    'Do `for`, `parallel`, `try`, `switch` and `steps` count as steps of their own?',
    ['counted', 'free'],
    'Every named step is billed, as far as the pricing page says; so none comes free by surprise.',
  ),
  nestedSlots: reading(
    'Which of the 20 slots for running branches does a branch hold while it waits for a parallel step inside it?',
    ['released', 'held', 'per-step'],
    'Holding a slot while waiting would block twenty outer branches for good; Google documents a queue, not a deadlock.',
  ),
  resourceLimit: reading(
    'Can a workflow catch a ResourceLimitError that the engine raises?',
    ['fatal', 'catchable'],
    'A limit that a workflow could catch would not bound it.',
  ),
  mainDepth: reading(
    'Does `main` take one of the 20 levels of the call stack?',
    ['free', 'counted'],
    'The quota speaks of the call stack, and nothing calls `main`.',
  ),
  loopLocals: reading(
    'Do variables first assigned in a loop survive from one iteration to the next?',
    ['cleared', 'kept'],
    'A loop’s variables are documented as local to it; relying on the earlier iteration would hide a bug.',
  ),
  switchNext: reading(
    'Is a switch step’s `next` followed after a matched entry ran to its end?',
    ['followed', 'ignored'],
    'It is the `next` of the step, and every other step’s is followed when its body ends.',
  ),
  missingPath: reading(
    'Assigning `m.a.b` where `m.a` is missing',
    ['error', 'create'],
    'Reading such a path raises a KeyError too.',
  ),
  integerOverflow: reading(
    'An integer result beyond 64 bits',
    ['error', 'wrap'],
    'A silently wrong number is worse than an error.',
  ),
  remainder: reading(
    'Sign of `%` with a negative operand',
    ['floored', 'truncated'],
    'The documentation words `//` as floor division; the remainder that belongs to it has the divisor’s sign.',
  ),
  mixedEquality: reading(
    '`==` between values of different types, neither being null',
    ['false', 'error'],
    'Comparing with null is documented as allowed; the same answer for other types surprises least.',
  ),
  stringOrder: reading(
    '`<` and its kin between two strings',
    ['by-code-point', 'error'],
    'Two strings have an order in every language the service may be written in.',
  ),
  keyOrder: reading(
    'Order of `keys()` and of JSON text',
    ['insertion', 'sorted'],
    'Nothing says that keys are sorted, and a map keeps the order in which it was written.',
  ),
  floorType: reading(
    'Type of `math.floor` of a double',
    ['integer', 'double'],
    'A floor is a whole number, wanted as an index more often than not.',
  ),
  retryDefaults: reading(
    'A retry map without `max_retries` or a backoff value',
    ['default-policy', 'error'],
    'Deployed workflows leave values out and run.',
  ),
  missingPredicate: reading(
    'A retry map without a predicate',
    ['always', 'never'],
    'A retry that never retries would be pointless to write.',
  ),
  unknownEnvironment: reading(
    '`sys.get_env` of an unknown name without a default',
    ['null', 'error'],
    'The signature’s default is null.',
  ),
  urlDecode: reading(
    '`+` in `text.url_decode`',
    ['plus-is-space', 'plus-is-plus'],
    'It undoes `url_encode_plus` as well as `url_encode`, which writes a plus as %2B.',
  ),
  branchId: reading(
    'The `id` of a failed branch in an UnhandledBranchError',
    ['index', 'name'],
    'Error maps that users have posted show a number.',
  ),
  stackFrames: reading(
    'Which frames an execution’s error lists',
    ['all', 'innermost'],
    'The resource has a list of elements.',
  ),
  httpTimeout: reading(
    'Seconds that an `http.*` call without `timeout` may take',
    ['300', '1800'],
    'Two of three independent sources say 300.',
  ),
  invalidJson: reading(
    'A response that says it is JSON and is not',
    ['text', 'error'],
    'What came can still be looked at.',
  ),
  headerCase: reading(
    'Keys of a response’s headers',
    ['canonical', 'lower'],
    'Error maps that users have posted show `Content-Type`, `Alt-Svc` and the like.',
  ),
  redirects: reading(
    'A redirect that an `http.*` call gets',
    ['followed', 'returned'],
    'Only a status of 400 or above is documented as an error, and a caller wants the page.',
  ),
  mediaDecoding: reading(
    'JSON content from `objects.get` with `alt: media`',
    ['decoded', 'text'],
    'A response body is decoded by its content type everywhere else.',
  ),
  jobsRun: reading(
    'Does `run.v2…jobs.run` wait for the execution?',
    ['waits', 'returns'],
    'Calls that answer with an Operation are documented to block.',
  ),
  jobsRunResult: reading(
    'Result of `run.v2…jobs.run` once it has waited',
    ['execution', 'operation'],
    'The result of a connector is the response of the operation.',
  ),
  bigqueryJobError: reading(
    'A BigQuery job that `jobs.insert` waited for failed',
    ['operation-error', 'http-error', 'result'],
    'An operation that finished unsuccessfully is an OperationError.',
  ),
} as const

export type Readings = Choices<typeof READINGS>

/** The default of every decision, with the given ones replaced. */
export function chooseReadings(chosen: Partial<Readings> = {}): Readings {
  const defaults = Object.entries(READINGS).map(([name, { readings }]) => [name, readings[0]])
  return { ...(Object.fromEntries(defaults) as Readings), ...chosen }
}

/** Reads `NAME=VALUE` as given on a command line; throws an Error that lists what there is. */
export function parseReading(text: string): Partial<Readings> {
  const [name = '', value = ''] = text.split('=', 2)
  if (!Object.hasOwn(READINGS, name)) {
    throw new Error(`unknown reading '${name}'; there are ${Object.keys(READINGS).join(', ')}`)
  }
  const { readings } = READINGS[name as keyof Readings]
  if (!(readings as readonly string[]).includes(value)) {
    throw new Error(`reading ${name} is one of ${readings.join(', ')}, not '${value}'`)
  }
  return { [name]: value }
}
