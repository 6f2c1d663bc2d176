import type { serviceLimits } from '../../compiler/check/service-limits.ts'
import type { limits } from '../../language/index.ts'
import * as dags from './limit-dags.ts'

/** What keeps a limit: the compiler at its edge, the lowering for every DAG, or the service alone. */
export type LimitCase = EdgeCase | SourceCase | OtherCase

interface Held {
  /** Rows of test/cases by which the emulator holds it as well: `table: name of the row`. */
  readonly held?: readonly string[]
}

/** A DAG just within passes, and one just beyond is told so. */
export interface EdgeCase extends Held {
  readonly kind: 'edge'
  readonly build: dags.Build
  /** The largest amount that passes; a range where it is searched for, since it follows from what the compiler writes. */
  readonly within: number | readonly [passes: number, refused: number]
  /** How what is beyond is told. */
  readonly told: RegExp
}

/**
 * No DAG reaches it, since the lowering writes less; the check is there all the same. `steps` are put before those of a
 * compiled `main`, with `others` beside it.
 */
export interface SourceCase extends Held {
  readonly kind: 'source'
  readonly steps: (amount: number) => string
  readonly others?: (amount: number) => string
  readonly within: number
  readonly told: RegExp
}

interface OtherCase extends Held {
  readonly kind: 'construction' | 'service'
}

type LimitName = keyof typeof limits | keyof typeof serviceLimits

const list = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(', ')
const construction = (...held: readonly string[]): OtherCase => ({ kind: 'construction', held })
const service = (...held: readonly string[]): OtherCase => ({ kind: 'service', held })

/** Every limit there is, by its name in the code: without a case for each this does not compile. */
export const limitCases = {
  sourceSize: {
    kind: 'edge',
    build: dags.written,
    within: [80_000, 131_072],
    told: /^DAG501 source size: 131,0\d\d of 131,072 bytes/m,
    held: ['api/workflows: a source has 128 KB at most'],
  },
  assignments: {
    kind: 'source',
    steps: (count) => `- many: {assign: [${list(count, (index) => `{v${index}: 1}`)}]}`,
    within: 50,
    told: /^DAG501 assignments per step: 51 of 50 .*main\.many/m,
    held: ['language/limits: fifty assignments', 'language/limits: fifty-one assignments'],
  },
  conditions: {
    kind: 'source',
    steps: (count) => `- many: {switch: [${list(count, () => '{condition: true, next: many}')}]}`,
    within: 50,
    told: /^DAG501 conditions per switch: 51 of 50 .*main\.many/m,
    held: ['language/limits: fifty conditions', 'language/limits: fifty-one conditions'],
  },
  minimumSteps: construction(),
  executedSteps: {
    kind: 'edge',
    build: dags.items,
    within: [50, 1000],
    told: /^DAG501 steps executed per execution: 100,\d+ of 100,000/m,
    held: ['engine/limits: 100,000 steps', 'engine/limits: one step more'],
  },
  callDepth: {
    kind: 'source',
    steps: () => '- deep: {call: deep_2}',
    others: (depth) =>
      Array.from({ length: depth - 1 }, (_, index) =>
        index + 2 === depth
          ? `deep_${depth}: {steps: [{last: {return: 1}}]}`
          : `deep_${index + 2}: {steps: [{down: {call: deep_${index + 3}}}]}`,
      ).join('\n'),
    within: 20,
    told: /^DAG501 call stack depth: 21 of 20 calls/m,
    held: ['engine/limits: calls by steps, 20 deep', 'engine/limits: calls by steps, 21 deep'],
  },
  branches: {
    kind: 'source',
    steps: (count) =>
      `- many: {parallel: {branches: [${list(count, (index) => `{b${index}: {steps: [{s${index}: {assign: [{x: 1}]}}]}}`)}]}}`,
    within: 10,
    told: /^DAG501 branches per parallel step: 11 of 10 .*main\.many/m,
    held: ['language/parallel: eleven branches, and one'],
  },
  minimumBranches: construction('language/parallel: eleven branches, and one'),
  parallelDepth: {
    kind: 'source',
    steps: (depth) => {
      const loop = (level: number): string =>
        level === 0
          ? '{last: {assign: [{x: 1}]}}'
          : `{p${level}: {parallel: {for: {value: v${level}, in: [1], steps: [${loop(level - 1)}]}}}}`
      return `- ${loop(depth)}`
    },
    within: 2,
    told: /^DAG501 nesting of parallel steps: 3 of 2 levels/m,
    held: ['engine/parallel: two levels of nesting', 'engine/parallel: an error of too deep a nesting'],
  },
  concurrentBranches: service('engine/parallel: 20 run at once, the rest waits in a queue'),
  unhandledBranchErrors: construction('engine/parallel: 100 unhandled errors at most'),
  memory: {
    kind: 'edge',
    build: dags.holding,
    within: [10, 30_000],
    told: /^DAG501 memory of variables, arguments and events per execution: .* 52\d,\d+ with outputs and errors/m,
    held: ['engine/limits: texts up to the last byte', 'engine/limits: a byte more'],
  },
  httpResponse: service(
    'api/limits: a response of 2 MB arrives, and is more than variables may hold',
    'connectors/errors: more than 2 MB are a ResourceLimitError',
  ),
  stringLength: {
    kind: 'edge',
    build: dags.written,
    within: 262_144,
    told: /^DAG501 string: 262,145 of 262,144 bytes/m,
    held: ['engine/limits: text that grows by halves'],
  },
  argumentSize: {
    kind: 'edge',
    build: dags.known,
    within: 481,
    told: /^DAG501 execution argument: 32,\d+ of 32,768 bytes/m,
    held: ['api/executions: an argument has 32 KB at most'],
  },
  expressionLength: {
    kind: 'edge',
    build: dags.expression,
    within: [300, 500],
    told: /^DAG501 expression: 401 of 400 characters/m,
    held: [
      'language/limits: an expression of 400 characters',
      'language/limits: an expression of 401 characters',
    ],
  },
  executionDuration: {
    kind: 'edge',
    build: dags.waiting,
    within: 525_600,
    told: /^DAG508 execution duration: 31,536,060 of 31,536,000 seconds/m,
    held: [
      'api/limits: an execution may take a year',
      'api/limits: an execution ends with a TimeoutError after a year',
    ],
  },
  historyRetention: service('api/limits: an execution and its history are forgotten 90 days after it ended'),
  httpTimeout: {
    kind: 'edge',
    build: dags.asking,
    within: 1800,
    told: /^DAG104 task ask: timeout is "1801s"/m,
    held: [
      'connectors/errors: http may wait 1800 seconds',
      'connectors/errors: http waits at most 1800 seconds',
    ],
  },
  httpDefaultTimeout: construction(),
  connectorDefaultTimeout: construction(),
  connectorTimeout: construction(
    'connectors/errors: a connector may wait a year',
    'connectors/errors: a connector waits at most a year',
  ),
  sleep: {
    kind: 'edge',
    build: dags.delayed,
    within: 525_600,
    told: /^DAG104 task load: retryDelay is "525601m"/m,
    held: ['engine/stdlib: sys.sleep takes a year at most'],
  },
  callbackDefaultTimeout: construction(),
  params: {
    kind: 'source',
    steps: () => '- many: {call: many}',
    others: (count) =>
      `many: {params: [${list(count, (index) => `{p${index}: 1}`)}], steps: [{last: {return: 1}}]}`,
    within: 10,
    told: /^DAG501 parameters of a subworkflow: 11 of 10 .*many/m,
    held: ['language/jumps: ten parameters'],
  },
  mainParams: construction(),
  workflowId: construction(
    'api/workflows: a workflow id has 64 characters at most, and begins with a letter',
  ),
  description: {
    kind: 'edge',
    build: dags.described,
    within: 1000,
    told: /^DAG501 workflow description: 1,001 of 1,000 characters/m,
    held: ['api/workflows: a description has 1000 characters at most'],
  },
  environmentVariables: construction('api/workflows: 20 user environment variables at most'),
  environmentVariableSize: construction(
    'api/workflows: a user environment variable has 4 KiB at most, and no reserved name',
  ),
  labels: construction('api/executions: an execution has 64 labels at most'),
  workflows: service('api/limits: a project has so many workflows, in all its regions'),
  concurrentExecutions: service('api/limits: so many executions run at once, the others are queued'),
  executionBacklog: service('api/limits: so many executions are queued, one more is refused'),
  workflowRequests: service(),
  executionGetRequests: service(),
  executionListRequests: service(),
  executionWriteRequests: service(),
  cloudRunJobName: {
    kind: 'edge',
    build: dags.jobNamed,
    within: 63,
    told: /^DAG502 .* has 64 of 63 characters/m,
  },
  cloudRunJobs: {
    kind: 'edge',
    build: dags.jobs,
    within: 1000,
    told: /^DAG501 Cloud Run jobs per project and region: 1,001 of 1,000/m,
  },
  bigqueryJobId: construction(),
  labelValue: construction(),
  objectName: construction(),
  query: {
    kind: 'edge',
    build: dags.scripted,
    within: [1_000_000, 1_048_576],
    told: /^DAG501 text of a BigQuery procedure: 1,048,577 of 1,048,576 characters/m,
  },
  tableDescription: {
    kind: 'edge',
    build: dags.describedTable,
    within: 16_384,
    told: /^DAG501 description of a table: 16,385 of 16,384 characters/m,
  },
  columnDescription: {
    kind: 'edge',
    build: dags.describedColumn,
    within: 1024,
    told: /^DAG501 description of a column: 1,025 of 1,024 characters/m,
  },
} as const satisfies Readonly<Record<LimitName, LimitCase>>

/** Rows of the head-room that stand for no limit of their own, or are warned of before they are refused. */
export const furtherCases = {
  'execution argument, by params': {
    kind: 'edge',
    build: dags.given,
    within: [20_000, 32_768],
    told: /^DAG508 execution argument: 32,769 of 32,768 bytes/m,
  },
  'argument of a triggered run': {
    kind: 'edge',
    build: dags.handed,
    within: [20_000, 32_768],
    told: /^DAG501 argument of a triggered run: 32,769 of 32,768 bytes/m,
  },
  'memory at its worst': {
    kind: 'edge',
    build: dags.holding,
    within: [1, 10_000],
    told: /^DAG508 memory of variables, arguments and events per execution: 52\d,\d+ of 524,288 bytes/m,
  },
  'wait for a person': {
    kind: 'edge',
    build: (minutes) => dags.waiting(2 * minutes),
    within: 525_600,
    told: /^DAG104 task first: timeout is "525601m"/m,
  },
} as const satisfies Readonly<Record<string, EdgeCase>>
