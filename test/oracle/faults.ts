import type { Manifest } from '../../artifact/manifest.ts'
import { knownArgument } from '../../artifact/known.ts'
import { entriesThatCount } from '../../deploy/last-execution.ts'
import { planRerun } from '../../deploy/rerun-plan.ts'
import type { WorkflowDocument } from '../../language/index.ts'
import {
  RaisedError,
  connectionError,
  httpError,
  resourceLimitError,
  systemError,
  timeoutError,
} from '../../simulator/engine/errors.ts'
import { mapOf, writeJson, type CompiledWorkflow, type StepEntry } from '../../simulator/engine/index.ts'
import type { DagDefinition } from '../../dsl/index.ts'
import { ledgerOf } from '../golden/run-golden.ts'
import { runArgument, runIn, type RunRecord } from '../golden/world.ts'
import type { DescribedTask, InstanceEnd, Outcome, State } from './description.ts'
import { chainOf, effectsOf, type Effect, type FaultClass } from './fault-effects.ts'
import { predict, seenStates } from './oracle.ts'
import type { Scene } from './scenes.ts'
import { structureOf } from './structure.ts'

interface Fault extends FaultClass {
  readonly make: () => Error
  /** What a task that fails of it says. */
  readonly code: string
}

/** What a step may raise out of nowhere. */
export const faults = {
  system: { make: () => systemError('out of nowhere'), passes: 'idempotent', code: 'SystemError' },
  timeout: {
    make: () => timeoutError('out of nowhere'),
    passes: 'idempotent',
    isTimeout: true,
    code: 'TimeoutError',
  },
  connection: {
    make: () => connectionError('out of nowhere'),
    passes: 'idempotent',
    code: 'ConnectionError',
  },
  unavailable: { make: () => answer(503), passes: 'always', code: 'http_503' },
  forbidden: { make: () => answer(403), passes: 'never', code: 'http_403' },
  text: { make: () => new RaisedError('out of nowhere'), passes: 'never', code: 'error' },
  bare: { make: () => new RaisedError(mapOf({})), passes: 'never', code: 'error' },
  map: {
    make: () => new RaisedError(mapOf({ code: 'own', tags: ['Own'], message: mapOf({ of: 'us' }) })),
    passes: 'never',
    code: 'Own',
  },
} as const satisfies Readonly<Record<string, Fault>>

export type FaultKind = keyof typeof faults

function answer(code: number): Error {
  return httpError(code, mapOf({}), mapOf({ error: mapOf({ code: BigInt(code), message: 'no' }) }))
}

/** A golden to break, and what else happens in its run. */
export interface Victim extends Scene {
  readonly definition: DagDefinition
  readonly workflow: CompiledWorkflow
  readonly document: WorkflowDocument
  readonly tasks: Manifest['tasks']
}

/** Runs the scene as it is, and says in words what is not as the oracle has it. */
export async function undisturbed(victim: Victim): Promise<{ steps: number; problems: readonly string[] }> {
  let steps = 0
  const fault = () => {
    steps += 1
    return null
  }
  const record = await runIn(victim.workflow, { ...victim.world, fault })
  const effect = { kind: 'ends', outcome: predict(victim.description), lost: new Set<string>() } as const
  return {
    steps,
    problems: [...differences(victim, record, effect), ...ledgerProblems(victim, record, null)],
  }
}

/**
 * Raises an error in place of the nth step that begins, and says in words what is wrong with how the run ended, and with
 * how the next execution of it ends, which `dag rerun` would start; empty where all is as it has to be.
 */
export async function breakAt(victim: Victim, nth: number, kind: FaultKind): Promise<readonly string[]> {
  const { broken, record } = await runWith(victim, nth, () => faults[kind].make())
  const found: string[] = []
  let isOne = false
  for (const effect of effectsOf(victim, record.entries, broken, faults[kind])) {
    const each = differences(victim, record, effect)
    isOne = each.length === 0
    if (isOne) break
    found.push(...each)
  }
  const problems = isOne ? [] : ['it came to nothing that it may come to:', ...new Set(found)]
  return [
    ...problems,
    ...codeProblems(victim, record, faults[kind].code),
    ...ledgerProblems(victim, record, broken),
    ...(await rerunProblems(victim, record)),
  ].map((problem) => `${kind} in ${broken.routine}.${broken.step} (${nth}): ${problem}`)
}

/** The execution is out of a resource at the nth step, which nothing catches; the next one has to finish the run. */
export async function exhaustAt(victim: Victim, nth: number): Promise<readonly string[]> {
  const { broken, record } = await runWith(victim, nth, () => resourceLimitError('out of nowhere', true))
  const isSaid = JSON.stringify(record.value).includes('ResourceLimitError')
  return [
    ...(record.state === 'FAILED' && isSaid ? [] : [`it ended ${record.state}: ${brief(record.value)}`]),
    ...ledgerProblems(victim, record, broken),
    ...(await rerunProblems(victim, record)),
  ].map((problem) => `out of a resource in ${broken.routine}.${broken.step} (${nth}): ${problem}`)
}

/** Cancels when the nth step begins; the next execution of the run has to be able to finish it. */
export async function cancelAt(victim: Victim, nth: number): Promise<readonly string[]> {
  const controller = new AbortController()
  const { broken, record } = await runWith(
    victim,
    nth,
    () => {
      controller.abort()
      return null
    },
    controller.signal,
  )
  return [
    ...(record.state === 'CANCELLED' ? [] : [`it ended ${record.state}`]),
    ...ledgerProblems(victim, record, broken),
    ...(await rerunProblems(victim, record)),
  ].map((problem) => `cancelled in ${broken.routine}.${broken.step} (${nth}): ${problem}`)
}

async function runWith(
  { workflow, world }: Victim,
  nth: number,
  make: () => Error | null,
  signal?: AbortSignal,
): Promise<{ readonly broken: StepEntry; readonly record: RunRecord }> {
  let begun = 0
  let broken: StepEntry | null = null
  const fault = (entry: StepEntry) => {
    begun += 1
    if (begun !== nth) return null
    broken = entry
    return make()
  }
  const record = await runIn(workflow, { ...world, fault, ...(signal && { signal }) })
  if (broken === null) throw new Error(`there is no step ${nth}`)
  return { broken, record }
}

interface TaskSummary {
  readonly state: State
  readonly tries?: number
  readonly error?: { readonly code: string; readonly message: string }
  /** Of a mapped task that was expanded. */
  readonly count?: number
  readonly counts?: Readonly<Partial<Record<State, number>>>
}

type Tasks = Readonly<Record<string, TaskSummary>>

/** What a run says that is not what an effect is. */
function differences(victim: Victim, record: RunRecord, effect: Effect): readonly string[] {
  const { value, state } = record
  const tasks = value['tasks'] as Tasks | undefined
  if (effect.kind === 'raised') {
    return state === 'FAILED' && tasks === undefined ? [] : [`ended ${state} with its tasks`]
  }
  if (tasks === undefined) return [`${state} without its tasks: ${brief(value)}`]
  const { outcome, lost } = effect
  const said = state === 'SUCCEEDED' ? 'success' : 'failed'
  const ids = victim.description.tasks.map(({ id }) => id)
  const failed = victim.definition.tasks.map(({ id }) => id).filter((id) => tasks[id]?.state === 'failed')
  return [
    ...(said === outcome.run ? [] : [`the run is ${said}, not ${outcome.run}`]),
    ...ids.flatMap((id) => taskDifferences(victim, id, outcome, tasks[id])),
    ...[...lost].flatMap((id) =>
      tasks[id]?.error?.code === 'workflow_error' ? [] : [`${id} is lost and says ${brief(tasks[id])}`],
    ),
    ...(said === 'failed' && JSON.stringify(value['failed']) !== JSON.stringify(failed)
      ? [`it names ${brief(value['failed'])} as failed, which are ${brief(failed)}`]
      : []),
  ]
}

function taskDifferences(
  { description }: Victim,
  id: string,
  outcome: Outcome,
  task: TaskSummary | undefined,
): readonly string[] {
  if (task === undefined) return [`nothing is said of ${id}`]
  const ends = outcome.tasks[id]!
  const { state, tries = 0, count, counts } = task
  const seen = seenStates(id, structureOf(description), new Map(Object.entries(outcome.tasks)))
  const due = {
    state: wholeOf(seen),
    tries: Math.max(...ends.map((end) => end.tries)),
    ...(count !== undefined && { count: ends.length, counts: countsOf(ends) }),
  }
  const was = {
    state,
    tries,
    ...(count !== undefined && { count: Math.max(count, 1), counts: { ...countsOf([]), ...counts } }),
  }
  const isOne = count !== undefined || ends.length === 1
  return isOne && JSON.stringify(due) === JSON.stringify(was)
    ? []
    : [`${id}: expected ${brief(due)}, was ${brief(was)}`]
}

const order = ['failed', 'upstream_failed', 'success', 'skipped'] as const

function wholeOf(states: readonly State[]): State {
  return order.find((state) => states.includes(state))!
}

function countsOf(ends: readonly InstanceEnd[]) {
  return Object.fromEntries(order.map((each) => [each, ends.filter(({ state }) => state === each).length]))
}

/** Each failed task says of what: of the fault, of what its scene has it fail of, or that the workflow lost it. */
function codeProblems({ definition }: Victim, { value }: RunRecord, code: string): readonly string[] {
  const tasks = (value['tasks'] ?? {}) as Tasks
  const usual = new Set(['workflow_error', 'lasting', 'passing', 'infrastructure', code])
  return definition.tasks.flatMap(({ id, kind }) => {
    const task = tasks[id]
    if (task?.state !== 'failed') return []
    const { error } = task
    if (typeof error?.code !== 'string' || typeof error.message !== 'string')
      return [`${id} failed of ${brief(error)}`]
    const isOwn = kind !== 'step' || usual.has(error.code)
    return isOwn ? [] : [`${id} failed of ${error.code}`]
  })
}

/** Kinds whose successes the ledger keeps. */
const kept: ReadonlySet<string> = new Set(['step', 'http', 'sensor', 'approval', 'trigger'])

/**
 * The ledger holds a result of what succeeded and of nothing that did not, and `state.json` says what the run says. What
 * is broken may be the very step that writes it.
 */
function ledgerProblems(victim: Victim, record: RunRecord, broken: StepEntry | null): readonly string[] {
  const tasks = record.value['tasks'] as Tasks | undefined
  const chain = broken === null ? [] : chainOf(record.entries, broken)
  const isAt = (...steps: readonly string[]) => chain.some(({ step }) => steps.includes(step))
  const ledger = ledgerOf(victim.definition.id, record)
  const folder = `runs/${victim.definition.id}/${runArgument.run_id}`
  const written = record.objects.get(`${folder}/state.json`)?.body as
    { state: string; tasks: Tasks } | undefined
  if (tasks === undefined) return []
  const said = record.state === 'SUCCEEDED' ? 'success' : 'failed'
  const missing = victim.definition.tasks.flatMap(({ id, kind }) => {
    const task = tasks[id]
    if (!kept.has(kind) || task === undefined) return []
    const due = task.counts?.success ?? (task.state === 'success' ? 1 : 0)
    const found = ledger.filter((entry) => entry.task === id && entry.state === 'success').length
    // What the workflow lost of a repeated task may well have succeeded.
    if (found === due || (task.error?.code === 'workflow_error' && found > due)) return []
    // The step that keeps it, or that comes right after it, is the one that is broken.
    const isOwn =
      chain.some(({ routine }) => routine === `task_${id}` || routine.startsWith('map_')) || isAt(id)
    return isOwn && Math.abs(found - due) <= 1 ? [] : [`${due} of ${id} succeeded, the ledger has ${found}`]
  })
  return [
    ...missing,
    ...(written === undefined && !isAt('write_state', 'insert_state') ? ['there is no state.json'] : []),
    ...(written !== undefined && written.state !== said ? [`state.json says ${written.state}`] : []),
    ...(written !== undefined && JSON.stringify(written.tasks) !== JSON.stringify(tasks)
      ? ['state.json has other tasks']
      : []),
    ...(record.objects.has(`${folder}/lock.json`) ? [] : ['the lock is gone']),
  ]
}

/** What came of runs after what an execution may leave: many faults leave the same, which need not run again. */
const finished = new WeakMap<Victim, Map<string, readonly string[]>>()

/** All that a later execution can find, times and generations aside. */
function leftOver({ left, started }: RunRecord): unknown {
  const objects = [...left].map(([name, { body, metadata }]) => [name, writeJson(body), writeJson(metadata)])
  return [objects.toSorted(([a = ''], [b = '']) => a.localeCompare(b)), started]
}

/** Whatever became of an execution, the next one of the same run ends as though nothing had happened. */
async function rerunProblems(victim: Victim, record: RunRecord): Promise<readonly string[]> {
  const { definition, workflow, world, tasks, description } = victim
  const states = new Map(
    Object.entries((record.value['tasks'] ?? {}) as Tasks).map(([id, { state }]) => [id, state]),
  )
  const usual = predict(description)
  if (record.state === 'SUCCEEDED' && usual.run === 'success' && states.size > 0) {
    if ([...states.values()].every((state) => state === 'success')) return []
  }
  const ledger = ledgerOf(definition.id, record)
  const last = { states, instances: new Map<string, string>(), ownLedger: true }
  const counting = entriesThatCount(ledger, tasks, last)
  const { known, kept: keptEntries } = planRerun({ tasks, ledger: counting, states, from: [] })
  const again = ledger.filter((entry) => !keptEntries.includes(entry))
  const forgotten = new Set(
    again.map(
      ({ task, index }) => `runs/${definition.id}/${runArgument.run_id}/${task}/${index}/result.json`,
    ),
  )
  const lock = `runs/${definition.id}/${runArgument.run_id}/lock.json`
  const key = JSON.stringify([known, record.left.has(lock), record.state, leftOver(record)])
  const seen = finished.get(victim) ?? new Map<string, readonly string[]>()
  finished.set(victim, seen)
  const before = seen.get(key)
  if (before !== undefined) return before
  const next = await runIn(workflow, {
    ...world,
    left: new Map([...record.left].filter(([name]) => !forgotten.has(name))),
    started: record.started,
    execution: 'execution-2',
    executions: { 'execution-1': record.state },
    argument: { ...runArgument, ...world.argument, ...knownArgument(known), mode: 'rerun' },
  })
  const ended = (next.value['tasks'] ?? {}) as Tasks
  const due = predictKnowing(victim, known)
  const wrong = description.tasks.flatMap(({ id }) => {
    const whole = wholeOf(seenStates(id, structureOf(description), new Map(Object.entries(due.tasks))))
    return ended[id]?.state === whole ? [] : [`${id} is ${brief(ended[id]?.state)}, not ${whole}`]
  })
  const said = next.state === 'SUCCEEDED' ? 'success' : 'failed'
  const holder = next.objects.get(lock)?.body as { readonly execution?: string } | undefined
  const problems = [
    ...(said === due.run ? [] : [`the run is ${said}, not ${due.run}: ${brief(next.value)}`]),
    ...wrong,
    ...(holder?.execution === 'execution-2' ? [] : ['another execution holds the lock']),
    ...(new Set(next.jobs.map(({ task, index, try: number }) => `${task}/${index}/${number}`)).size ===
    next.jobs.length
      ? []
      : ['a try is made twice']),
    ...next.jobs.flatMap(({ task, index }) =>
      `${task}/${index}` in known ? [`${task}/${index} ran again`] : [],
    ),
  ].map((problem) => `executed once more, knowing ${brief(known)}: ${problem}`)
  seen.set(key, problems)
  return problems
}

/** What is known keeps its state, even where it would not have come to that; the rest is decided by it. */
function predictKnowing({ description }: Victim, known: Readonly<Record<string, string>>): Outcome {
  const { mappedGroups } = structureOf(description)
  const isRepeated = (task: DescribedTask) =>
    mappedGroups.get(task.id)?.map || (task.kind === 'work' && task.map !== null)
  const knowing = ({ tasks }: Outcome, choose: (task: DescribedTask) => boolean) =>
    description.tasks.filter(choose).flatMap(({ id }) => {
      const ends = tasks[id]!
      const kept = ends.map((end, index): InstanceEnd => {
        const state = known[`${id}/${index}`]
        return state === undefined ? end : { state: state as State, tries: 0 }
      })
      return kept.some((end, index) => end !== ends[index]) ? [[id, kept] as const] : []
    })
  const single = knowing(predict(description), (task) => !isRepeated(task))
  const first = predict(description, new Map(single))
  return predict(description, new Map([...single, ...knowing(first, (task) => Boolean(isRepeated(task)))]))
}

function brief(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 400)
}
