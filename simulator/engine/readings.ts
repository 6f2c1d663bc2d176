/**
 * Where Google's documentation is silent or ambiguous, the engine follows one reading; the others can be
 * chosen by name, so that whatever depends on one can be tested under all. The first reading is the default.
 */
export const READINGS = {
  structuralSteps: reading('Do `for`, `parallel`, `try`, `switch` and `steps` count as steps of their own?', [
    'counted',
    'free',
  ]),
  nestedSlots: reading(
    'Which of the 20 slots for running branches does a branch hold while it waits for a parallel step inside it?',
    ['released', 'held', 'per-step'],
  ),
  resourceLimit: reading('Can a workflow catch a ResourceLimitError that the engine raises?', [
    'fatal',
    'catchable',
  ]),
  mainDepth: reading('Does `main` take one of the 20 levels of the call stack?', ['free', 'counted']),
  loopLocals: reading('Do variables first assigned in a loop survive from one iteration to the next?', [
    'cleared',
    'kept',
  ]),
  branchExit: reading('What do `return`, `end` and `break` do in a parallel branch or iteration?', [
    'error',
    'ends-branch',
  ]),
  switchNext: reading('Is a switch step’s `next` followed after a matched entry ran to its end?', [
    'followed',
    'ignored',
  ]),
  missingPath: reading('Assigning `m.a.b` where `m.a` is missing', ['error', 'create']),
  integerOverflow: reading('An integer result beyond 64 bits', ['error', 'wrap']),
  remainder: reading('Sign of `%` with a negative operand', ['floored', 'truncated']),
  mixedEquality: reading('`==` between values of different types, neither being null', ['false', 'error']),
  stringOrder: reading('`<` and its kin between two strings', ['by-code-point', 'error']),
  keyOrder: reading('Order of `keys()` and of JSON text', ['insertion', 'sorted']),
  floorType: reading('Type of `math.floor` of a double', ['integer', 'double']),
  retryDefaults: reading('A retry map without `max_retries` or a backoff value', ['default-policy', 'error']),
  missingPredicate: reading('A retry map without a predicate', ['always', 'never']),
  unknownEnvironment: reading('`sys.get_env` of an unknown name without a default', ['null', 'error']),
  urlDecode: reading('`+` in `text.url_decode`', ['plus-is-space', 'plus-is-plus']),
  branchId: reading('The `id` of a failed branch in an UnhandledBranchError', ['index', 'name']),
  stackFrames: reading('Which frames an execution’s error lists', ['all', 'innermost']),
} as const

export type Readings = {
  readonly [Name in keyof typeof READINGS]: (typeof READINGS)[Name]['readings'][number]
}

interface Reading<Choice extends string> {
  readonly question: string
  /** The first is the default. */
  readonly readings: readonly [Choice, ...Choice[]]
}

function reading<const Choice extends string>(
  question: string,
  readings: readonly [Choice, ...Choice[]],
): Reading<Choice> {
  return { question, readings }
}

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
