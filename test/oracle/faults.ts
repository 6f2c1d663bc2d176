import {
  RaisedError,
  httpError,
  mapOf,
  type CompiledWorkflow,
  type StepEntry,
} from '../../simulator/engine/index.ts'
import { planned, runArgument, runIn, type RunRecord, type WorldOptions } from '../golden/world.ts'
import type { Description, InstanceEnd, State } from './description.ts'
import { decisionOf, runState } from './oracle.ts'
import { structureOf } from './structure.ts'

/** What a step may raise out of nowhere. */
export const faults = {
  system: () => new RaisedError(mapOf({ message: 'out of nowhere', tags: ['SystemError'] })),
  forbidden: () => httpError(403, mapOf({}), mapOf({ error: mapOf({ code: 403n, message: 'no' }) })),
  text: () => new RaisedError('out of nowhere'),
} as const

export type FaultKind = keyof typeof faults

/** A workflow to break, the tasks that its run has to name, and what else happens in it. */
export interface Victim {
  /** Tasks below those whose decisions only the run knows: they may be skipped, and mapped ones end in several ways. */
  readonly undecided: ReadonlySet<string>
  readonly dag: string
  readonly workflow: CompiledWorkflow
  readonly description: Description
  readonly world: WorldOptions
}

/** The steps of a run in which nothing goes wrong, in order. */
export async function stepsOf({ workflow, world }: Victim): Promise<readonly StepEntry[]> {
  const steps: StepEntry[] = []
  const fault = (entry: StepEntry) => {
    steps.push(entry)
    return null
  }
  await runIn(workflow, { ...world, fault })
  return steps
}

/**
 * Raises an error in place of the nth step that begins, and says in words what is wrong with how the run ended; empty
 * where it ended in a stated and correct result.
 */
export async function breakAt(victim: Victim, nth: number, kind: FaultKind): Promise<readonly string[]> {
  const begun: StepEntry[] = []
  const record = await runIn(victim.workflow, {
    ...victim.world,
    fault: (entry) => {
      begun.push(entry)
      return begun.length === nth ? faults[kind]() : null
    },
  })
  const broken = begun[nth - 1] ?? null
  const problems = [
    ...resultProblems(victim, record, broken),
    ...(await lockProblems(victim, record, 'FAILED')),
  ]
  return problems.map((problem) => `${kind} in ${broken?.routine}.${broken?.step} (${nth}): ${problem}`)
}

/** Cancels when the nth step begins; the next execution of the run has to be able to finish it. */
export async function cancelAt(victim: Victim, nth: number): Promise<readonly string[]> {
  const controller = new AbortController()
  let begun = 0
  const record = await runIn(victim.workflow, {
    ...victim.world,
    signal: controller.signal,
    fault: () => {
      begun += 1
      if (begun === nth) controller.abort()
      return null
    },
  })
  const late = record.jobs.filter(({ end }) => end === null).length
  const problems = [
    // A run whose last step is under way may still end.
    ...(record.state === 'CANCELLED' ? [] : [`it ended ${record.state}`]),
    ...(late > 0 && record.jobs.length === 0 ? ['jobs without a start'] : []),
    ...(await lockProblems(victim, record, 'CANCELLED')),
  ]
  return problems.map((problem) => `cancelled at step ${nth}: ${problem}`)
}

/** Nothing goes wrong; every first try fails, and all tries of one task. */
export function worldsOf({ tasks }: Description): Readonly<Record<string, WorldOptions>> {
  const first = tasks.find(({ id }) => id !== 'plan')!.id
  const passing = { error: { code: 'passing', retryable: true } }
  return {
    smooth: { steps: { plan: [planned] } },
    rough: {
      steps: Object.fromEntries(
        tasks.map(({ id }) => [
          id,
          id === first ? ['crash'] : [passing, 'crash', id === 'plan' ? planned : { output: {} }],
        ]),
      ),
      queries: Object.fromEntries(tasks.map(({ id }) => [id, [{ reason: 'backendError' }, 'ok']])),
    },
  }
}

const known: readonly string[] = ['success', 'failed', 'upstream_failed', 'skipped'] satisfies State[]

type Tasks = Readonly<Record<string, { readonly state: State; readonly tries?: number }>>

function resultProblems(victim: Victim, record: RunRecord, broken: StepEntry | null): readonly string[] {
  if (record.state === 'CANCELLED') return ['it ended cancelled']
  const written = record.objects.get(`runs/${victim.dag}/${runArgument.run_id}/state.json`)
  const stated = written?.body as Readonly<Record<string, unknown>> | undefined
  // Of the last steps, which only hand the result on, nothing but the ledger can speak.
  const tasks = (record.value['tasks'] ?? stated?.['tasks']) as Tasks | undefined
  if (tasks === undefined) return namelessProblems(record, broken)
  const ends = new Map(
    victim.description.tasks.map(({ id }): [string, readonly InstanceEnd[]] => [
      id,
      [{ state: tasks[id]?.state ?? ('lost' as State), tries: tasks[id]?.tries ?? 0 }],
    ]),
  )
  const lost = [...ends].filter(([, [end]]) => !known.includes(end!.state))
  if (lost.length > 0) return [`lost ${lost.map(([id, [end]]) => `${id} (${end!.state})`).join(', ')}`]
  return stateProblems(victim, record, ends)
}

/**
 * A run that ends before its first task has nothing to say of tasks; it must not have begun one. The last `try` itself
 * stands in no other one, but evaluates nothing that could fail.
 */
function namelessProblems({ jobs, queries, value }: RunRecord, broken: StepEntry | null): readonly string[] {
  const isEarly = broken !== null && jobs.length + queries.length === 0
  const isLast = broken?.stepType === 'STEP_TRY_RETRY_EXCEPT' && broken.routine === 'main'
  return isEarly || isLast ? [] : [`no word about its tasks: ${JSON.stringify(value).slice(0, 300)}`]
}

/** Each task ended as its rule says by those above it, or did what tasks that run may do; so did the run. */
function stateProblems(
  { description, dag, undecided }: Victim,
  { state, value, objects }: RunRecord,
  ends: ReadonlyMap<string, readonly InstanceEnd[]>,
): readonly string[] {
  const structure = structureOf(description)
  const wrong = description.tasks.flatMap((task) => {
    const actual = ends.get(task.id)![0]!.state
    const decided = decisionOf(task, structure, ends)
    if (undecided.has(task.id)) return []
    const fits = decided === 'run' ? actual !== 'upstream_failed' : actual === decided || actual === 'failed'
    return fits ? [] : [`${task.id} is ${actual}, its rule says ${decided}`]
  })
  const due = runState(structure, ends)
  const said = state === 'SUCCEEDED' ? 'success' : 'failed'
  const written = objects.get(`runs/${dag}/${runArgument.run_id}/state.json`)
  const named = value['failed'] as readonly string[] | undefined
  const failed = [...ends].filter(([, [end]]) => end!.state === 'failed').map(([id]) => id)
  return [
    ...wrong,
    ...(due === 'failed' && said === 'success' ? [`the run is ${said}, its tasks say ${due}`] : []),
    ...(named !== undefined && JSON.stringify(named) !== JSON.stringify(failed)
      ? [`it names ${JSON.stringify(named)} as failed, which are ${JSON.stringify(failed)}`]
      : []),
    ...(value['tasks'] !== undefined &&
    written !== undefined &&
    (written.body as { state: string }).state !== said
      ? ['state.json says otherwise']
      : []),
  ]
}

/** Whatever became of an execution, the next one of the same run goes to its end and gives the lock back. */
async function lockProblems(victim: Victim, { left }: RunRecord, ended: string): Promise<readonly string[]> {
  const lock = `runs/${victim.dag}/${runArgument.run_id}/lock.json`
  if (!left.has(lock)) return []
  const smooth = { steps: { plan: [planned] } }
  const first = await runIn(victim.workflow, smooth)
  const next = await runIn(victim.workflow, {
    ...smooth,
    left,
    execution: 'execution-2',
    executions: { 'execution-1': ended },
  })
  return [
    ...(next.state === first.state ? [] : [`the next execution ends ${next.state}, not ${first.state}`]),
    ...(next.objects.has(lock) ? ['the next execution keeps the lock'] : []),
  ]
}
