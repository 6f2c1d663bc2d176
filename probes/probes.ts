import { readFileSync } from 'node:fs'
import type { Readings } from '../simulator/engine/readings.ts'
import { frameCount, plainAnswer, type Judge } from './answer.ts'

/** One question to the service. The source is `<name>.yaml` beside this file. */
export interface Probe {
  readonly name: string
  readonly question: string
  /** The reading that the answer chooses; without one, the emulator has a single answer. */
  readonly reading: keyof Readings | null
  readonly judge: Judge
}

const probe = (
  name: string,
  question: string,
  reading: keyof Readings | null = null,
  judge: Judge = plainAnswer,
): Probe => ({ name, question, reading, judge })

export const PROBES: readonly Probe[] = [
  probe('atomic-claim', 'Does one assignment claim a task for exactly one of ten lanes?'),
  probe('sibling-writes', 'Does a branch see what a sibling wrote while that one still runs?'),
  probe('callbacks-in-iterations', 'Can parallel iterations wait for callbacks of their own?'),
  probe('nested-slots', 'How many of 10 times 5 nested iterations run at once?', 'nestedSlots'),
  probe('unhandled-branch', 'What does the map of an UnhandledBranchError hold?', 'branchId'),
  probe('undeclared-shared', 'Can a step share what nothing assigns before?', 'undeclaredShared'),
  probe('branch-exit', 'What does `return` do in a branch?', 'branchExit'),
  probe('parallel-nesting', 'Are three levels of parallel steps refused, or an error?', 'parallelNesting'),
  probe('duplicate-steps', 'Do two steps of one name deploy?', 'duplicateSteps'),
  probe('step-names', 'Do step names with spaces, dots and umlauts deploy, and long ones?'),
  probe('expression-length', 'Do `${` and `}` count among the 400 characters of an expression?'),
  probe('literal-length', 'Is a text of 500 characters that is no expression accepted?'),
  probe('single-quotes', 'Do single quotes delimit texts in expressions?'),
  probe('integer-overflow', 'What is an integer beyond 64 bits?', 'integerOverflow'),
  probe('remainder', 'What sign has a remainder?', 'remainder'),
  probe('floor-type', 'What type has a floor?', 'floorType'),
  probe('mixed-equality', 'What is `==` between types?', 'mixedEquality'),
  probe('string-order', 'What is `<` between texts?', 'stringOrder'),
  probe('key-order', 'In what order are keys?', 'keyOrder'),
  probe('double-text', 'How are doubles written?'),
  probe('indexes', 'What do negative indexes, clamped ones and an empty separator give?'),
  probe('missing-path', 'What does assigning below a missing key do?', 'missingPath'),
  probe('loop-locals', 'Do variables of a loop survive an iteration?', 'loopLocals'),
  probe('switch-next', 'Is the `next` of a switch followed after a match?', 'switchNext'),
  probe('main-depth', 'How deep do calls go?', 'mainDepth'),
  probe('resource-limit', 'Can the error of a limit be caught?', 'resourceLimit'),
  probe('retry-defaults', 'What does a retry without max_retries do?', 'retryDefaults'),
  probe('missing-predicate', 'What does a retry without a predicate retry?', 'missingPredicate'),
  probe('unknown-environment', 'What is an unknown environment variable?', 'unknownEnvironment'),
  probe('url-decode', 'What is `+` to text.url_decode?', 'urlDecode'),
  probe(
    'stack-frames',
    'How many frames has the error of a subworkflow’s subworkflow?',
    'stackFrames',
    frameCount,
  ),
  probe('hmac-algorithms', 'Which algorithms does hash.compute_hmac know?'),
  probe('header-case', 'What case have the keys of headers?', 'headerCase'),
  probe('bigquery-error', 'What comes of a BigQuery job that fails?', 'bigqueryJobError'),
]

/** Readings that no probe settles, and why. */
export const NOT_PROBED: Partial<Readonly<Record<keyof Readings, string>>> = {
  structuralSteps: 'the service tells the number of billed steps to the bill alone',
  httpTimeout: 'it takes a server that answers after five minutes',
  invalidJson: 'it takes a server that sends broken JSON',
  redirects: 'it takes a server that redirects',
  mediaDecoding: 'it takes an object in a bucket',
  jobsRun: 'it takes a Cloud Run job',
  jobsRunResult: 'it takes a Cloud Run job',
}

/** The source of a probe. */
export function probeSource({ name }: Probe): string {
  return readFileSync(new URL(`../probes/${name}.yaml`, import.meta.url), 'utf8')
}
