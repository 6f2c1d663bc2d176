import { compileDag } from '../../compiler/index.ts'
import { parseWorkflow } from '../../language/index.ts'
import {
  compileWorkflow,
  type CompiledWorkflow,
  type ExecutionOptions,
} from '../../simulator/engine/index.ts'
import { runArgument, runIn, type JobTry, type JobScript, type RunRecord } from '../golden/world.ts'
import { author, type Authored } from './authored.ts'
import {
  nthTry,
  scriptOf,
  type DescribedTask,
  type Description,
  type InstanceEnd,
  type Outcome,
  type State,
  type WorkTask,
} from './description.ts'
import { predict, seenStates } from './oracle.ts'
import { orderProblems } from './order.ts'
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
  /** What its order lets happen that it must not, whatever a run shows. */
  readonly disorder: readonly string[]
}

/** @throws DagProblems where the DAG does not compile */
export function prepare(description: Description): Candidate {
  const authored = author(description)
  const { source } = compileDag(authored.definition, { projectDir: import.meta.dirname })
  const { document, problems } = parseWorkflow(source)
  if (document === null || problems.length > 0)
    throw new Error(problems.map(({ message }) => message).join('\n'))
  return {
    description,
    authored,
    workflow: compileWorkflow(document),
    disorder: orderProblems(document, structureOf(description)),
  }
}

/** Runs a candidate, and says in words what is not as the oracle has it; null where all is. */
export async function judge(candidate: Candidate, { seed, readings }: Manner): Promise<string | null> {
  const { description, authored, workflow, disorder } = candidate
  const record = await runIn(workflow, {
    job: (start) => scriptedJob(start, candidate),
    argument: { ...runArgument, params: authored.params },
    seed,
    readings,
  })
  const expected = predict(description)
  const structure = structureOf(description)
  const differences = [
    ...disorder,
    ...compareOutcomes(expected, outcomeOf(record, description), record),
    ...summaryProblems(record, expected, structure),
    ...jobProblems(record, expected, structure),
    ...crowdProblems(record, structure),
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

/** How a run says that everything ended; of the instances of a mapped task its ledger and its log say it. */
function outcomeOf(record: RunRecord, description: Description): Outcome | null {
  const tasks = record.value['tasks'] as Readonly<Record<string, TaskSummary>> | undefined
  if (tasks === undefined) return null
  return {
    run: record.state === 'SUCCEEDED' ? 'success' : 'failed',
    tasks: Object.fromEntries(
      description.tasks.map((task) => {
        const summary = tasks[task.id] ?? { state: 'lost' as State }
        const { state, tries = 0, count } = summary
        if (count === undefined) return [task.id, [{ state, tries }]]
        return [
          task.id,
          Array.from({ length: count }, (_, index) => instanceOf(task, index, record, summary)),
        ]
      }),
    ),
  }
}

/**
 * What a container wrote counts, and what the workflow logged of an instance that did not run; of those that failed the
 * run itself names the first twenty. A branch and the like that ran say nothing of an instance.
 */
function instanceOf(
  { id, kind }: DescribedTask,
  index: number,
  { left, jobs, logs }: RunRecord,
  summary: TaskSummary,
): InstanceEnd {
  const result = left.get(`${prefix}/${id}/${index}/result.json`)?.metadata.get('result')
  const written = typeof result === 'string' ? (JSON.parse(result) as { state: State }).state : null
  const isNotRun = (line: RunRecord['logs'][number]) =>
    line['task'] === id && line['map_index'] === index && line['reason'] !== undefined
  const logged = logs.filter((line) => isNotRun(line) && line['try'] === undefined)
  const tries = jobs.filter((job) => job.task === id && job.index === index).length
  if (summary.failed_indexes?.includes(index)) return { state: 'failed', tries }
  if (logged.length > 1) return { state: 'decided twice' as State, tries }
  const decided = logged[0]?.['state'] as State | undefined
  if (decided !== undefined && written === null) return { state: decided, tries }
  if (kind !== 'work') return { state: 'success', tries: 1 }
  return { state: written ?? ('lost' as State), tries }
}

/** What is said of a mapped task as a whole is what became of its instances, as others see them. */
function summaryProblems({ value }: RunRecord, expected: Outcome, structure: Structure): readonly string[] {
  const tasks = (value['tasks'] ?? {}) as Readonly<Record<string, TaskSummary>>
  const ended = new Map(Object.entries(expected.tasks))
  return Object.entries(tasks).flatMap(
    ([id, { state, tries, count, counts, failed_indexes: failed = [] }]) => {
      const ends = expected.tasks[id]
      if (count === undefined || ends === undefined) return []
      const states = ends.map((end) => end.state)
      const others = new Set(seenStates(id, structure, ended))
      const due = {
        state: (['failed', 'upstream_failed', 'success'] as const).find((each) => others.has(each)),
        tries: Math.max(...ends.map((end) => end.tries)),
        counts: countsOf(states),
        failed: states.flatMap((each, index) => (each === 'failed' ? [index] : [])),
      }
      const said = { state, tries, counts: countsOf([], counts), failed: failed.toSorted((a, b) => a - b) }
      return JSON.stringify({ ...due, state: due.state ?? 'skipped' }) === JSON.stringify(said)
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

/**
 * Every try is made once and in order, for its own item, and no task starts before everything above it has ended, near or
 * far. What was running when is what the jobs themselves say.
 */
function jobProblems({ jobs }: RunRecord, expected: Outcome, structure: Structure): readonly string[] {
  const { description, below, mappedGroups } = structure
  const jobsOf = (id: string) => jobs.filter(({ task }) => task === id)
  return description.tasks.flatMap((task) => {
    const { id } = task
    const ends = expected.tasks[id]!
    const strange = jobsOf(id).filter(({ index }) => index < 0 || index >= ends.length)
    const above = description.tasks.filter((other) => below.get(other.id)!.has(id))
    const own = ends.flatMap(({ tries }, index) => {
      const made = jobsOf(id).filter((job) => job.index === index)
      const numbers = made.map((job) => job.try).join(', ')
      const due = task.kind === 'work' ? Array.from({ length: tries }, (_, nth) => nth + 1).join(', ') : ''
      const overlap = made.some((job, nth) => nth > 0 && job.at < (made[nth - 1]!.end ?? Infinity))
      const late = above.flatMap((other) => {
        const group = mappedGroups.get(other.id)
        const together = group !== undefined && group === mappedGroups.get(id)
        const before = jobsOf(other.id).filter((job) => !together || job.index === index)
        return made.some((job) => before.some(({ end }) => end === null || end > job.at)) ? [other.id] : []
      })
      return [
        ...(numbers === due ? [] : [`tries of ${id}[${index}]: expected ${due}, were ${numbers}`]),
        ...(overlap ? [`tries of ${id}[${index}] overlap`] : []),
        ...late.map((from) => `${id}[${index}] starts before ${from} has ended`),
        ...made.flatMap((job) => inputProblems(task, job, structure)),
      ]
    })
    return [...strange.map(({ index }) => `a job of ${id}[${index}]`), ...own]
  })
}

type Job = RunRecord['jobs'][number]

/** An instance is given its own item: of two lists one of each, the last one varying fastest. */
function inputProblems(task: DescribedTask, job: Job, structure: Structure): readonly string[] {
  if (task.kind !== 'work' || job.env['DAG_INPUT'] === undefined) return []
  const input = JSON.parse(job.env['DAG_INPUT']) as { readonly item?: unknown; readonly other?: unknown }
  const map = task.map ?? structure.mappedGroups.get(task.id)?.map ?? null
  if (map === null) return []
  const { length, second } = map
  const at = (index: number, size: number) => (index < size ? index : -1)
  const due =
    second === undefined
      ? [job.index, null]
      : second.by === 'product'
        ? [Math.floor(job.index / second.length), job.index % second.length]
        : [at(job.index, length), at(job.index, second.length)]
  const given = [positionIn(input.item), positionIn(input.other)]
  return JSON.stringify(due) === JSON.stringify(given)
    ? []
    : [`${task.id}[${job.index}] is given items ${given.join(', ')}, not ${due.join(', ')}`]
}

/** Which item it is, by itself or by the reference that stands for it. */
function positionIn(item: unknown): number | null {
  if (typeof item === 'number') return item
  if (typeof item !== 'object' || item === null) return null
  const {
    at,
    $value,
    $path = [],
  } = item as Readonly<Record<string, unknown>> & { $path?: readonly unknown[] }
  if (typeof at === 'number') return at
  return $path.findLast((key) => typeof key === 'number') ?? positionIn($value)
}

/** No more at once than a mapping or the pool lets run. */
function crowdProblems({ jobs }: RunRecord, { description, mappedGroups }: Structure): readonly string[] {
  const tasks = new Map(description.tasks.map((task) => [task.id, task]))
  const slotsOf = ({ task }: Job) => (tasks.get(task) as WorkTask).slots ?? 0
  const crowds = [
    ...(description.slots === undefined
      ? []
      : [{ what: 'the pool', most: description.slots, members: jobs, weight: slotsOf }]),
    ...description.tasks.flatMap((task) => {
      const most = task.kind === 'work' ? (task.map?.maxConcurrent ?? null) : null
      const members = jobs.filter((job) => job.task === task.id)
      return most === null ? [] : [{ what: task.id, most, members, weight: () => 1 }]
    }),
    ...description.groups.flatMap((group) => {
      const most = group.map?.maxConcurrent ?? null
      const members = jobs.filter((job) => mappedGroups.get(job.task) === group)
      return most === null ? [] : [{ what: group.path, most, members, weight: () => 1 }]
    }),
  ]
  return crowds.flatMap(({ what, most, members, weight }) => {
    const crowd = Math.max(
      0,
      ...members.map(({ at }) =>
        members
          .filter((job) => job.at <= at && at < (job.end ?? Infinity))
          .reduce((sum, job) => sum + weight(job), 0),
      ),
    )
    return crowd > most ? [`${crowd} of ${what} at once, where ${most} may be`] : []
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
