import type { DagDefinition, TaskDefinition } from '../../dsl/index.ts'
import type { Step, WorkflowDocument } from '../../language/index.ts'
import type { StepEntry } from '../../simulator/engine/index.ts'
import { scriptOf, type Description, type InstanceEnd, type Outcome } from './description.ts'
import { predict, work, type Ended as Given } from './oracle.ts'
import { structureOf } from './structure.ts'

const nothing: Given = new Map()

/** What a fault may be to the task that it hits. */
export interface FaultClass {
  /** Whether another try helps; `idempotent`: of a task that may be repeated whatever its try has done. */
  readonly passes: 'always' | 'idempotent' | 'never'
  /** Whether it says that time is over: where the workflow waits for somebody, nobody came. @default false */
  readonly isTimeout?: boolean
}

/** A golden, as far as it says what a fault in it comes to. */
export interface Subject {
  readonly definition: DagDefinition
  readonly description: Description
  readonly document: WorkflowDocument
}

/** What a run with a fault in it may come to. */
export type Effect =
  /** Nobody catches it: the execution itself fails with it. */
  | { readonly kind: 'raised' }
  | { readonly kind: 'ends'; readonly outcome: Outcome; readonly lost: ReadonlySet<string> }

/**
 * Everything that a fault at an entry of a history may come to. Which tasks it touches follows from where the entry stands
 * and from what Workflows does with an error: the innermost `try` around it catches it, a branch that fails lets the
 * others go on to their ends. What becomes of all other tasks is the oracle's word.
 */
export function* effectsOf(
  subject: Subject,
  entries: readonly StepEntry[],
  broken: StepEntry,
  fault: FaultClass,
): Generator<Effect, void> {
  const { description } = subject
  const usual = predict(description)
  const chain = chainOf(entries, broken)
  const place = placeOf(chain, subject)
  const end = (given: Given, failed = false): Effect => {
    const outcome = predict(description, given)
    const lost = [...given].flatMap(([id, ends]) => (ends.some(({ isLost }) => isLost) ? [id] : []))
    return { kind: 'ends', outcome: failed ? { ...outcome, run: 'failed' } : outcome, lost: new Set(lost) }
  }
  for (const [position, entry] of chain.entries()) {
    if (position === 0 || entry.stepType !== 'STEP_TRY') continue
    const outer = chain.slice(position + 1)
    if (place.kind === 'task' && entry.routine === place.routine) {
      yield end(nothing)
      const isInner = outer.some(
        ({ stepType, routine }) => stepType === 'STEP_TRY' && routine === place.routine,
      )
      if (isInner) {
        if (fault.isTimeout) for (const given of waitedInVain(place.task, usual)) yield end(given)
        continue
      }
      const nth = triesUntil(entries, entry)
      for (const given of triedAgain(place.task, nth, subject, usual, fault)) yield end(given)
      return
    }
    if (entry.routine.startsWith('map_')) {
      const members = membersOf(entry.routine, subject)
      for (const given of lostInstances(members, chain, usual)) yield end(given)
      return
    }
    if (entry.routine === 'main') {
      yield entry.step === 'run_tasks' ? end(lostFrom(chain, subject, usual), true) : end(nothing)
      if (entry.step === 'run_tasks' || entry.step === 'end_run') return
      continue
    }
    // A helper's own: it may settle the task, carry on, or raise once more.
    yield end(nothing)
    for (const given of settledBy(place, usual)) yield end(given)
    const call = outer.find(({ routine }) => place.kind === 'task' && routine === place.routine)
    const tries = call === undefined ? 0 : triesBefore(entries, call)
    if (place.kind !== 'task' || call?.step !== 'settle' || tries === 0) continue
    // Without the words of the step its try is judged by those of the platform.
    for (const passes of ['idempotent', 'never'] as const) {
      for (const given of triedAgain(place.task, tries, subject, usual, { passes })) yield end(given)
    }
  }
  yield { kind: 'raised' }
}

/** The entry and everything that it stands in, innermost first. */
export function chainOf(entries: readonly StepEntry[], entry: StepEntry): readonly StepEntry[] {
  const chain = [entry]
  for (let at = entry; at.parent !== null; chain.push(at)) at = entries[at.parent - 1]!
  return chain
}

type Place =
  | { readonly kind: 'task'; readonly routine: string; readonly task: TaskDefinition }
  | { readonly kind: 'unit'; readonly members: readonly string[] }
  | { readonly kind: 'main' }

/** Whose routine the innermost one is, helpers aside. */
function placeOf(chain: readonly StepEntry[], subject: Subject): Place {
  for (const { routine } of chain) {
    const task = subject.definition.tasks.find(({ id }) => routine === `task_${id}`)
    if (task) return { kind: 'task', routine, task }
    if (routine.startsWith('map_')) return { kind: 'unit', members: membersOf(routine, subject) }
  }
  return { kind: 'main' }
}

/** The tasks that a routine repeats: one, or those of a group, in the order in which they run. */
function membersOf(routine: string, { definition, description }: Subject): readonly string[] {
  const unit = routine.slice('map_'.length)
  const path = definition.groups.find((group) => group.mapping && group.path.split('.').at(-1) === unit)?.path
  if (path === undefined) return [unit]
  const { mappedGroups, tasks } = structureOf(description)
  return [...tasks.keys()].filter((id) => mappedGroups.get(id)?.path === path)
}

/** Which try of a task's routine this one is: from 1. */
function triesUntil(entries: readonly StepEntry[], attempt: StepEntry): number {
  const block = entries[attempt.parent! - 1]!
  return entries.filter(
    ({ entryId, parent, step, stepType }) =>
      parent === block.parent &&
      step === block.step &&
      stepType === block.stepType &&
      entryId <= block.entryId,
  ).length
}

/** How many tries a task's routine has made when one of its own steps begins. */
function triesBefore(entries: readonly StepEntry[], { entryId, parent }: StepEntry): number {
  return entries.filter(
    (each) =>
      each.parent === parent &&
      each.step === 'attempt' &&
      each.stepType === 'STEP_TRY_RETRY_EXCEPT' &&
      each.entryId < entryId,
  ).length
}

/** The nth try of one instance fails: it is made once more, or that was all. */
function triedAgain(
  task: TaskDefinition,
  nth: number,
  { description }: Subject,
  usual: Outcome,
  { passes }: FaultClass,
): readonly Given[] {
  const isIdempotent =
    task.kind === 'step'
      ? task.contract.idempotency !== 'non_idempotent'
      : task.kind !== 'http' || task.idempotency === 'idempotent'
  const isRetried =
    (passes === 'always' || (passes === 'idempotent' && isIdempotent)) && nth <= task.retry.retries
  const described = description.tasks.find(({ id }) => id === task.id)!
  const ends = usual.tasks[task.id]!
  return ends.map((end, index) => {
    const instead = ((): InstanceEnd => {
      if (!isRetried) return { state: 'failed', tries: nth }
      if (end.tries === 0) return end
      if (described.kind !== 'work') return { state: 'success', tries: nth + 1 }
      const script = scriptOf(described, index)
      const tries = Array.from({ length: Math.max(nth + 1, script.length) }, (_, at) =>
        at === nth - 1 ? ({ ends: 'fail', seconds: 0 } as const) : script[Math.min(at, script.length - 1)]!,
      )
      return work({ ...described, script: [tries] }, 0)
    })()
    return new Map([[task.id, ends.with(index, instead)]])
  })
}

/** An approval for which nobody came, in one instance and at any try. */
function waitedInVain(task: TaskDefinition, usual: Outcome): readonly Given[] {
  if (task.kind !== 'approval') return []
  const state = task.onTimeout === 'skip' ? 'skipped' : 'failed'
  const ends = usual.tasks[task.id]!
  return ends.flatMap((_, index) =>
    Array.from(
      { length: task.retry.retries + 1 },
      (__, retry): Given => new Map([[task.id, ends.with(index, { state, tries: retry + 1 })]]),
    ),
  )
}

const lost: InstanceEnd = { state: 'failed', tries: 0, isLost: true }

/** A helper that fails ends the task, or one instance of it, as failed. */
function settledBy(place: Place, usual: Outcome): readonly Given[] {
  if (place.kind === 'main') return []
  if (place.kind === 'unit') {
    const asUsual = place.members.map((id) => [id, usual.tasks[id]!] as const)
    return place.members.map((id) => new Map([...asUsual, [id, [{ ...lost, lostEnds: usual.tasks[id]! }]]]))
  }
  const { id } = place.task
  const ends = usual.tasks[id]!
  return ends.map((_, index) => new Map([[id, ends.with(index, { state: 'failed', tries: 0 })]]))
}

/** A repeated task's routine fails between instances, or within one: of a group from any of its tasks on. */
function lostInstances(
  members: readonly string[],
  chain: readonly StepEntry[],
  usual: Outcome,
): readonly Given[] {
  const isWithin = chain.some(
    ({ stepType, routine }) => stepType === 'STEP_FOR_ITERATION' && routine.startsWith('map_'),
  )
  if (!isWithin) {
    const all = new Map(members.map((id) => [id, usual.tasks[id]!.map(() => lost)]))
    return [new Map(members.map((id) => [id, [lost]])), all]
  }
  const indexes = usual.tasks[members[0]!]!.keys()
  // Where all of its ends have been noted already, nothing is lost.
  const positions = [...members.keys(), members.length]
  return [...indexes].flatMap((index) =>
    positions.map(
      (first) =>
        new Map(
          members.map((id, position) => {
            const ends = usual.tasks[id]!
            return [id, position < first ? ends : ends.with(index, lost)] as const
          }),
        ),
    ),
  )
}

/** `main` fails between tasks: what it would have called from there on in this branch, and after it, is lost. */
function lostFrom(chain: readonly StepEntry[], { document, description }: Subject, usual: Outcome): Given {
  const own = chain.find(({ routine }) => routine === 'main')!
  const main = document.subworkflows.find(({ name }) => name === 'main')!
  const results = resultsFrom(main.steps, own.step)
  if (results === null) throw new Error(`main has no step ${own.step}`)
  const ids = description.tasks.map(({ id }) => id)
  return new Map(ids.map((id) => [id, results.includes(`result_${id}`) ? [lost] : usual.tasks[id]!] as const))
}

/** Variables that are set from a step on, as far as its failure keeps them from being; null where it is not there. */
function resultsFrom(steps: readonly Step[], name: string): readonly string[] | null {
  for (const [index, each] of steps.entries()) {
    if (each.name === name) return steps.slice(index).flatMap(resultsOf)
    for (const inner of blocksOf(each)) {
      const within = inner.name === name ? inner.steps.flatMap(resultsOf) : resultsFrom(inner.steps, name)
      if (within === null) continue
      return each.body.kind === 'try' ? within : [...within, ...steps.slice(index + 1).flatMap(resultsOf)]
    }
  }
  return null
}

function resultsOf(step: Step): readonly string[] {
  const { body } = step
  const own =
    body.kind === 'call'
      ? [body.result ?? '']
      : body.kind === 'assign'
        ? body.assignments.map(({ target }) => target.variable)
        : []
  return [...own, ...blocksOf(step).flatMap((inner) => inner.steps.flatMap(resultsOf))]
}

function blocksOf({ body }: Step): readonly { readonly name: string; readonly steps: readonly Step[] }[] {
  switch (body.kind) {
    case 'parallel':
      return body.branches ?? []
    case 'try':
      return body.body.kind === 'steps' ? [{ name: '', steps: body.body.steps }] : []
    case 'steps':
      return [{ name: '', steps: body.steps }]
    case 'switch':
      return body.conditions.flatMap((each) =>
        each.body.kind === 'steps' ? [{ name: '', steps: each.body.steps }] : [],
      )
    default:
      return []
  }
}
