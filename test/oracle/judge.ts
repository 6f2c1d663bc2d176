import { compileDag } from '../../compiler/index.ts'
import type { CompiledWorkflow, ExecutionOptions } from '../../simulator/engine/index.ts'
import {
  runArgument,
  runIn,
  workflowOf,
  type JobTry,
  type JobScript,
  type RunRecord,
} from '../golden/world.ts'
import { author, type Authored } from './authored.ts'
import {
  nthTry,
  scriptOf,
  type Description,
  type InstanceEnd,
  type Outcome,
  type State,
} from './description.ts'
import { predict } from './oracle.ts'
import { outcomeText } from './show.ts'
import { structureOf, type Structure } from './structure.ts'

const prefix = `runs/random/${runArgument.run_id}`

/** One way to run a compiled DAG: an order of what happens at once, and a reading of what Google leaves open. */
export interface Manner {
  readonly seed: number
  readonly readings: NonNullable<ExecutionOptions['readings']>
}

/** A described DAG, compiled: its own YAML, parsed again. */
export interface Candidate {
  readonly description: Description
  readonly authored: Authored
  readonly workflow: CompiledWorkflow
}

/** @throws DagProblems where the DAG does not compile */
export function prepare(description: Description): Candidate {
  const authored = author(description)
  const { source } = compileDag(authored.definition, { projectDir: import.meta.dirname })
  return { description, authored, workflow: workflowOf(source) }
}

/** Runs a candidate, and says in words what is not as the oracle has it; null where all is. */
export async function judge(candidate: Candidate, { seed, readings }: Manner): Promise<string | null> {
  const { description, authored, workflow } = candidate
  const record = await runIn(workflow, {
    job: (start) => scriptedJob(start, candidate),
    argument: { ...runArgument, params: authored.params },
    seed,
    readings,
  })
  const expected = predict(description)
  const differences = [
    ...compareOutcomes(expected, outcomeOf(record, description), record),
    ...summaryProblems(record, expected),
    ...jobProblems(record, expected, structureOf(description)),
    ...ledgerProblems(record, expected),
  ]
  if (differences.length === 0) return null
  return [`seed ${seed}, ${JSON.stringify(readings)}`, ...differences].join('\n')
}

function scriptedJob(start: JobTry, candidate: Candidate): JobScript {
  const task = candidate.description.tasks.find(({ id }) => id === start.task)
  if (task?.kind !== 'work') throw new Error(`a job of ${start.task}`)
  const { ends, seconds } = nthTry(scriptOf(task, start.index), start.try)
  switch (ends) {
    case 'success':
      return { behaviour: { output: candidate.authored.outputOf(task, start.index) }, seconds }
    case 'skip':
      return { behaviour: { skip: 'as described' }, seconds }
    case 'fail':
      return { behaviour: { error: { code: 'passing', retryable: true } }, seconds }
    case 'give_up':
      return { behaviour: { error: { code: 'lasting', retryable: false } }, seconds }
    case 'timeout':
      return { behaviour: 'timeout', seconds }
  }
}

interface TaskSummary {
  readonly state: State
  readonly tries?: number
  /** Of a mapped task that was expanded. */
  readonly count?: number
  readonly counts?: Readonly<Partial<Record<State, number>>>
  readonly failed_indexes?: readonly number[]
}

/** How a run says that everything ended; of the instances of a mapped task the ledger says it. */
function outcomeOf(record: RunRecord, description: Description): Outcome | null {
  const tasks = record.value['tasks'] as Readonly<Record<string, TaskSummary>> | undefined
  if (tasks === undefined) return null
  return {
    run: record.state === 'SUCCEEDED' ? 'success' : 'failed',
    tasks: Object.fromEntries(
      description.tasks.map(({ id }) => {
        const summary = tasks[id] ?? { state: 'lost' as State }
        const { state, tries = 0, count } = summary
        if (count === undefined) return [id, [{ state, tries }]]
        return [id, Array.from({ length: count }, (_, index) => instanceOf(id, index, record, summary))]
      }),
    ),
  }
}

/** What a container wrote counts; of instances that failed the run itself names the first twenty. */
function instanceOf(id: string, index: number, { left, jobs }: RunRecord, summary: TaskSummary): InstanceEnd {
  const result = left.get(`${prefix}/${id}/${index}/result.json`)?.metadata.get('result')
  const written = typeof result === 'string' ? (JSON.parse(result) as { state: State }).state : null
  const state = summary.failed_indexes?.includes(index) ? 'failed' : (written ?? ('lost' as State))
  return { state, tries: jobs.filter((job) => job.task === id && job.index === index).length }
}

/** What is said of a mapped task as a whole is what became of its instances. */
function summaryProblems({ value }: RunRecord, expected: Outcome): readonly string[] {
  const tasks = (value['tasks'] ?? {}) as Readonly<Record<string, TaskSummary>>
  return Object.entries(tasks).flatMap(
    ([id, { state, tries, count, counts, failed_indexes: failed = [] }]) => {
      const ends = expected.tasks[id]
      if (count === undefined || ends === undefined) return []
      const states = ends.map((end) => end.state)
      const whole = states.includes('failed') ? 'failed' : states.includes('success') ? 'success' : 'skipped'
      const due = {
        state: whole,
        tries: Math.max(...ends.map((end) => end.tries)),
        counts: countsOf(states),
        failed: states.flatMap((each, index) => (each === 'failed' ? [index] : [])),
      }
      const said = { state, tries, counts: countsOf([], counts), failed: failed.toSorted((a, b) => a - b) }
      return JSON.stringify(due) === JSON.stringify(said)
        ? []
        : [`${id} as a whole: expected ${JSON.stringify(due)}, was ${JSON.stringify(said)}`]
    },
  )
}

function countsOf(states: readonly State[], known: TaskSummary['counts'] = {}) {
  const order = ['success', 'failed', 'skipped', 'upstream_failed'] as const
  return order.map((state) => known[state] ?? states.filter((each) => each === state).length)
}

function compareOutcomes(expected: Outcome, actual: Outcome | null, { value }: RunRecord): readonly string[] {
  if (actual === null) return [`the run ends without its tasks: ${JSON.stringify(value).slice(0, 1000)}`]
  if (JSON.stringify(actual) === JSON.stringify(expected)) return []
  const rows = Object.entries(expected.tasks).flatMap(([id, ends]) =>
    ends.flatMap((end, index) => {
      const other = actual.tasks[id]?.[index]
      const isSame = other?.state === end.state && other.tries === end.tries
      return isSame
        ? []
        : [`  ${id}[${index}]: expected ${endText(end)}, was ${other ? endText(other) : 'nothing'}`]
    }),
  )
  return [`expected ${outcomeText(expected)}`, `was      ${outcomeText(actual)}`, ...rows]
}

function endText({ state, tries }: InstanceEnd): string {
  return `${state} after ${tries} tries`
}

/** Every try is made once and in order, and no task starts before those above it have ended. */
function jobProblems({ jobs }: RunRecord, expected: Outcome, structure: Structure): readonly string[] {
  const { description, edges, mappedGroups } = structure
  const jobsOf = (id: string) => jobs.filter(({ task }) => task === id)
  return description.tasks.flatMap(({ id, kind }) => {
    if (kind !== 'work') return []
    return expected.tasks[id]!.flatMap(({ tries }, index) => {
      const own = jobsOf(id).filter((job) => job.index === index)
      const made = own.map((job) => job.try).join(', ')
      const due = Array.from({ length: tries }, (_, nth) => nth + 1).join(', ')
      const overlap = own.some((job, nth) => nth > 0 && job.at < (own[nth - 1]!.end ?? Infinity))
      const late = edges.get(id)!.flatMap(({ from }) => {
        const together =
          mappedGroups.get(from) !== undefined && mappedGroups.get(from) === mappedGroups.get(id)
        const above = jobsOf(from).filter((job) => !together || job.index === index)
        return own[0] !== undefined && above.some(({ end }) => end === null || end > own[0]!.at) ? [from] : []
      })
      return [
        ...(made === due ? [] : [`tries of ${id}[${index}]: expected ${due}, were ${made}`]),
        ...(overlap ? [`tries of ${id}[${index}] overlap`] : []),
        ...late.map((from) => `${id}[${index}] starts before ${from} has ended`),
      ]
    })
  })
}

/** The run's final state is written, and its lock names who held it. */
function ledgerProblems({ objects }: RunRecord, expected: Outcome): readonly string[] {
  const state = objects.get(`${prefix}/state.json`)
  const written = (state?.body as { state?: string } | undefined)?.state
  return [
    ...(written === expected.run ? [] : [`state.json says ${String(written)}`]),
    ...(objects.has(`${prefix}/lock.json`) ? [] : ['the lock is gone']),
  ]
}
