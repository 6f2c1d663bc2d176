import type { Readings } from '../../simulator/engine/readings.ts'

/** Which case shows the default of a reading; those of the other choices name the reading themselves. */
export const DEFAULT_CASES: Readonly<Record<keyof Readings, string>> = {
  duplicateSteps: 'language/jumps: two steps of one name deploy while nobody jumps there',
  undeclaredShared: 'language/parallel: sharing what nothing assigns before',
  branchExit: 'language/parallel: leaving a branch',
  parallelNesting:
    'language/parallel: three levels deploy, since too deep a nesting is an error of the execution',
  structuralSteps: 'engine/steps: structural steps count',
  nestedSlots: 'engine/parallel: a branch that waits for branches gives its slot away',
  resourceLimit: 'engine/steps: memory is limited to 512 KB',
  mainDepth: 'engine/steps: recursion up to the depth of 20',
  loopLocals: 'engine/steps: variables of a loop are cleared between iterations',
  switchNext: "engine/steps: after a matched body the switch's next is followed",
  missingPath: 'engine/steps: a missing map on the path',
  integerOverflow: 'engine/expressions: 9223372036854775807 + 1',
  remainder: 'engine/expressions: -10 % 3',
  mixedEquality: 'engine/expressions: 1 == "1"',
  stringOrder: 'engine/expressions: "a" < "b"',
  keyOrder: 'engine/expressions: keys(args)',
  floorType: 'engine/stdlib: math.floor(2.7)',
  retryDefaults: 'engine/errors: a retry without numbers takes those of the default policy',
  missingPredicate: 'engine/errors: a retry without a predicate retries everything',
  unknownEnvironment: 'engine/stdlib: sys.get_env("NOWHERE")',
  urlDecode: 'engine/stdlib: text.url_decode("a+b")',
  branchId: 'engine/parallel: branches are numbered',
  stackFrames: 'engine/errors: an error of the service, within a subworkflow',
  httpTimeout: 'connectors/readings: http waits 300 seconds',
  invalidJson: 'connectors/readings: what is no JSON is given as text',
  headerCase: 'connectors/readings: headers in canonical case',
  redirects: 'connectors/readings: a redirect is followed',
  mediaDecoding: 'connectors/readings: media that is JSON is decoded',
  jobsRun: 'connectors/readings: a run of a job waits',
  jobsRunResult: 'connectors/readings: a run of a job gives the execution',
  bigqueryJobError: 'connectors/readings: a failed BigQuery job is an OperationError',
}

/** An open question that the simulator answers in one way only. */
export interface Decision {
  readonly question: string
  readonly decided: string
  readonly why: string
  readonly case: string
}

const decision = (question: string, decided: string, why: string, proof: string): Decision => ({
  question,
  decided,
  why,
  case: proof,
})

export const DECISIONS: readonly Decision[] = [
  decision(
    '`main`’s parameter without an argument',
    'null',
    'There is no other value for nothing.',
    'engine/steps: without an argument it is null',
  ),
  decision(
    'A subworkflow that ends without `return`',
    'null',
    'As above.',
    'engine/steps: without return a subworkflow gives null',
  ),
  decision(
    'Assigning to a list index that does not exist',
    'IndexError',
    'Reading it raises one.',
    'engine/steps: an index has to exist',
  ),
  decision(
    'A call without a required argument',
    'refused at deployment where the call says so, TypeError elsewhere',
    'It can be seen in the source.',
    'engine/steps: a missing argument',
  ),
  decision(
    'A condition that is no boolean',
    'TypeError',
    'Logical operators take booleans only.',
    'engine/steps: a condition has to be a boolean',
  ),
  decision(
    'A range whose start is above its end',
    'no iteration',
    '`[0, len(l) - 1]` has to work for an empty list.',
    'engine/steps: a range backwards is empty',
  ),
  decision(
    'A loop over something other than a list',
    'TypeError',
    'It is the wrong type.',
    'engine/steps: only lists',
  ),
  decision(
    'A list that changes while a loop goes through it',
    'the loop goes through the list as it was',
    'Values are copied.',
    'engine/steps: the list of a loop is taken once',
  ),
  decision(
    'Reading a variable before it was assigned',
    'KeyError',
    'Deployment accepts it, so it has to fail at run time.',
    'engine/steps: a variable that is read before it was assigned',
  ),
  decision(
    '`next: end` in a subworkflow',
    'ends the subworkflow with null',
    'It is like `return` without a value.',
    'engine/steps: end in a subworkflow ends that one',
  ),
  decision(
    'A subworkflow that blocks, called in an expression',
    'works',
    'Only functions of the library are documented as barred.',
    'engine/steps: a subworkflow that blocks, within an expression',
  ),
  decision(
    'A connector in an expression',
    '`secrets.versions.accessString` only',
    'Google’s sample uses this one.',
    'engine/steps: secrets can be read in an expression',
  ),
  decision(
    'Numeric keys of a map',
    'behave as strings',
    '`keys()` gives strings.',
    'engine/steps: numeric keys behave as strings',
  ),
  decision(
    'Map of an UnhandledBranchError',
    '`message`, `tags`, `branches` with `id` and `error`, `truncated`',
    'As users have seen it.',
    'engine/parallel: the map of an UnhandledBranchError',
  ),
  decision(
    'The 101st unhandled error of branches',
    'ends the execution with that error',
    'It is a limit.',
    'engine/parallel: 100 unhandled errors at most',
  ),
  decision(
    'When siblings see a write to a shared variable',
    'at once',
    'Samples accumulate in shared variables.',
    'engine/parallel: writes are visible to siblings at once',
  ),
  decision(
    'Parallel depth through calls of subworkflows',
    'is counted',
    'The error is one of the execution, not of deployment.',
    'engine/parallel: a third level is a ParallelNestingError, counted through calls',
  ),
  decision(
    '`shared` of a parallel step inside another',
    'each lists what it writes',
    'The rule is per step.',
    'language/parallel: an inner parallel step shares for itself',
  ),
  decision(
    'An error raised in `except`',
    'leaves the step',
    'All tools agree.',
    'engine/errors: an error in except leaves the step',
  ),
  decision(
    'An error raised by a retry’s predicate',
    'replaces the first error',
    'It is the later one.',
    'engine/errors: an error of the predicate replaces the other',
  ),
  decision(
    'Raising something other than a string or a map',
    'it is caught as it was raised',
    'Strings and maps are.',
    'engine/errors: a raised number',
  ),
  decision(
    'Jitter of retries',
    'none',
    'The documented formula has none.',
    'engine/errors: the delay of a retry has no jitter',
  ),
  decision(
    'What a failed attempt assigned',
    'stays',
    '`try` opens no scope.',
    'engine/errors: a retry runs the whole body again and keeps what was assigned',
  ),
  decision(
    '`code` of errors other than HttpError',
    'none',
    'None is documented.',
    'engine/errors: errors of the engine have no code',
  ),
  decision(
    'Context of a raised string',
    '`RuntimeError: "…"`',
    'As users have seen it.',
    'engine/errors: a raised text',
  ),
  decision(
    'Jumps into a block or another subworkflow',
    'refused at deployment',
    'No sample has one.',
    'language/jumps: not into another subworkflow, not from except into try',
  ),
  decision(
    'Text around an expression',
    'is literal',
    'A value is one expression or none.',
    'language/steps: text with an expression inside is literal',
  ),
  decision(
    '`+` with null, a list or a map',
    'TypeError',
    'The conversion table has no row for them.',
    'engine/expressions: "a" + null',
  ),
  decision(
    'Type of `//` with a double',
    'double',
    'As for the other operators.',
    'engine/expressions: 7.5 // 2',
  ),
  decision('`%` with a double', 'works', 'As the other operators do.', 'engine/expressions: 7.5 % 2'),
  decision(
    '`==` of lists',
    'compares their elements',
    'Values are copied, so nothing else could be meant.',
    'engine/expressions: [1, [2]] == [1, [2]]',
  ),
  decision('A negative index', 'IndexError', 'Both other emulators do so.', 'engine/expressions: args[-1]'),
  decision(
    '`int` of a negative double',
    'truncates toward zero',
    'The page says truncate.',
    'engine/expressions: int(-2.9)',
  ),
  decision(
    'Text of a whole double',
    'without a fraction',
    'The page of `time.parse` shows one so.',
    'engine/expressions: "" + 2.0',
  ),
  decision(
    'JSON of a whole double',
    'without a fraction',
    'As above.',
    'engine/stdlib: json.encode_to_string(10 / 2)',
  ),
  decision(
    '`math.abs` of the smallest integer',
    'ValueError',
    'Its result is beyond 64 bits.',
    'engine/stdlib: math.abs(-9223372036854775807 - 1)',
  ),
  decision(
    '`sys.sleep_until` a time that has passed',
    'returns at once',
    'There is nothing to wait for.',
    'engine/stdlib: sys.sleep_until waits for the moment, and not at all for one that has passed',
  ),
  decision(
    'A connector’s timeout',
    'leaves the operation running',
    'Nothing says that it cancels.',
    "connectors/readings: a connector's timeout leaves the operation running",
  ),
]
