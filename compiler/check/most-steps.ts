import { cronSets, longestGapDays } from '../../dsl/cron-fields.ts'
import type { Schedule, TaskDefinition } from '../../dsl/index.ts'
import {
  limits,
  type Block,
  type Loop,
  type RetryPolicy,
  type Step,
  type StepBody,
  type Value,
  type WorkflowDocument,
} from '../../language/tree.ts'
import { mostAnswers } from '../lower/tasks/approval.ts'
import { mapRoutineName, routineName } from '../names.ts'
import { callsIn } from './plain-steps.ts'
import { pollsWithin } from './polls.ts'

/** The most steps that a run can take. */
export interface MostSteps {
  readonly total: number
  /** Of all that a task does, by its id, the largest first. */
  readonly tasks: readonly (readonly [id: string, steps: number])[]
  /** Of each further instance, by mapped task or group. */
  readonly perItem: ReadonlyMap<string, number>
}

export interface MostStepsOptions {
  readonly tasks: readonly TaskDefinition[]
  readonly units: readonly string[]
  readonly schedule: Schedule | null
  /** Instances of a mapped task, by its id, or of a mapped group, by its path. */
  readonly items: (unit: string) => number
}

/** What the calendar in a workflow has to walk through, at most. */
interface Calendar {
  /** Values of one field of the expression. */
  readonly values: number
  /** From a tick to the next one. */
  readonly days: number
}

function calendarOf(schedule: Schedule | null): Calendar {
  if (schedule === null) return { values: 1, days: 1 }
  const sets = cronSets(schedule.cron)
  const { minutes, hours, months, days, weekdays } = sets
  const values = [minutes, hours, months, days ?? [], weekdays ?? []].map((list) => list.length)
  return { values: Math.max(...values), days: longestGapDays(sets) }
}

/** Turns of the hand-made loops of helpers: days, halving an interval to the minute, and a lock given back meanwhile. */
function turnsOfHelpers({ days }: Calendar): Readonly<Record<string, number>> {
  return { last_tick: days + 1, resolve_run: Math.ceil(Math.log2(days * 24 * 60)) + 1, lock_run: 2 }
}

/** Items of a list in the answer of a service, whose fields are looked at one by one; other lists are short. */
const mostAnswerItems = 500
const fewItems = 20

/** `http.default_retry` and its kind. https://cloud.google.com/workflows/docs/reference/stdlib/http/default_retry */
const defaultRetries = 5

/**
 * A bound of the steps of a run in which every try fails, every wait takes all of its time and every step stands in the
 * way: each is counted once a turn, and of a switch the longest way.
 */
export function mostSteps(
  document: WorkflowDocument,
  { tasks, units, schedule, items }: MostStepsOptions,
): MostSteps {
  const unitOf = new Map(units.map((unit) => [mapRoutineName(unit), unit]))
  const mostItems = Math.max(1, ...units.map(items))
  const calendar = calendarOf(schedule)
  const ofHelpers = turnsOfHelpers(calendar)
  const bodies = new Map(document.subworkflows.map(({ name, steps }) => [name, steps]))
  const byRoutine = new Map(tasks.map((task) => [routineName(task.id), task]))
  const known = new Map<string, number>()
  const counterFor = (count: number): Counter => ({
    ofCall: (callee) => (bodies.has(callee) ? ofRoutine(callee) : 0),
    ofLoop: (loop) => turnsOfLoop(loop, { tasks: tasks.length, values: calendar.values, items: count }),
  })
  const ofRoutine = (name: string): number => {
    const before = known.get(name)
    if (before !== undefined) return before
    known.set(name, 0)
    const body = bodies.get(name) ?? []
    const unit = unitOf.get(name)
    const counter = counterFor(unit === undefined ? mostItems : items(unit))
    const once = ofSteps(body, counter)
    const task = byRoutine.get(name)
    const steps = task ? ofTries(task, once, body, counter) : once * (ofHelpers[name] ?? 1)
    known.set(name, steps)
    return steps
  }
  const total = ofRoutine('main')
  const all = tasks.map(({ id }) => [id, known.get(routineName(id)) ?? 0] as const)
  const growth = (name: string) => {
    const body = bodies.get(name) ?? []
    return ofSteps(body, counterFor(2)) - ofSteps(body, counterFor(1))
  }
  const summed = growth(summary)
  const perItem = units.map((unit) => {
    const body = bodies.get(mapRoutineName(unit)) ?? []
    return [unit, growth(mapRoutineName(unit)) + callsOf(summary, body) * summed] as const
  })
  return { total, tasks: all.toSorted((a, b) => b[1] - a[1]), perItem: new Map(perItem) }
}

/** Sums up the instances of a task, one after another. */
const summary = 'instances_result'

/** How often a routine is called, on the way that is counted. */
function callsOf(callee: string, body: readonly Step[]): number {
  const counted = (each: number) =>
    ofSteps(body, { ofCall: (name) => (name === callee ? each : 0), ofLoop: () => 1 })
  return counted(1) - counted(0)
}

/** All tries of a task, and the turns of what it waits in. */
function ofTries(task: TaskDefinition, once: number, body: readonly Step[], counter: Counter): number {
  const tries = task.retry.retries + 1
  const waiting = waitingOf(task, tries)
  if (waiting === null) return tries * once
  return tries * once + waiting.turns * ofSteps(between(body, waiting), counter)
}

/** A loop that a task waits in: steps of its routine from one to another, and how often they are repeated. */
interface Waiting {
  readonly from: string
  readonly to: string
  readonly turns: number
}

function waitingOf(task: TaskDefinition, tries: number): Waiting | null {
  switch (task.kind) {
    case 'sensor': {
      // Its time is that of all tries together.
      const turns = Math.ceil(task.timeoutSeconds / task.pokeSeconds) + tries
      return { from: 'look', to: 'sleep_on', turns }
    }
    case 'trigger': {
      if (!task.wait) return null
      return { from: 'read_run', to: 'look_later', turns: tries * (pollsWithin(task.timeoutSeconds) + 1) }
    }
    case 'approval':
      return { from: 'await_answer', to: 'is_it_an_answer', turns: tries * mostAnswers }
    default:
      return null
  }
}

/** Steps of a try from one to another. */
function between(body: readonly Step[], { from, to }: Waiting): readonly Step[] {
  const attempt = body.find(({ body: inner }) => inner.kind === 'try')?.body
  const steps = attempt?.kind === 'try' && attempt.body.kind === 'steps' ? attempt.body.steps : []
  const names = steps.map(({ name }) => name)
  const found = steps.slice(names.indexOf(from), names.indexOf(to) + 1)
  if (!names.includes(from) || found.length === 0) throw new Error(`no steps from ${from} to ${to}`)
  return found
}

interface Counter {
  readonly ofCall: (callee: string) => number
  readonly ofLoop: (loop: Loop) => number
}

function ofSteps(list: readonly Step[], counter: Counter): number {
  return list.reduce((sum, { body }) => sum + 1 + ofBody(body, counter), 0)
}

function ofBody(body: StepBody | Block, counter: Counter): number {
  const calls = (...values: readonly (Value | undefined)[]) =>
    values.reduce((sum, value) => sum + (value ? callsIn(value, counter.ofCall) : 0), 0)
  switch (body.kind) {
    case 'assign':
      return calls(...body.assignments.map(({ value }) => value))
    case 'call':
      return calls(body.args) + counter.ofCall(body.callee) + pollsOf(body.args)
    case 'switch':
      return (
        calls(...body.conditions.map(({ condition }) => condition)) +
        Math.max(0, ...body.conditions.map((entry) => ofBlock(entry.body, counter)))
      )
    case 'for':
      return loopSteps(body.loop, counter) + calls(body.loop.in, body.loop.range)
    case 'parallel':
      return body.loop
        ? loopSteps(body.loop, counter) + calls(body.loop.in, body.loop.range)
        : (body.branches ?? []).reduce((sum, branch) => sum + ofSteps(branch.steps, counter), 0)
    case 'try':
      return (
        ofBlock(body.body, counter) * (retriesOf(body.retry) + 1) + ofSteps(body.except?.steps ?? [], counter)
      )
    case 'raise':
    case 'return':
      return calls(body.value)
    case 'steps':
      return ofSteps(body.steps, counter)
    case 'next':
      return 0
  }
}

/** A body that stands where steps could is a step too. */
function ofBlock(body: StepBody | Block, counter: Counter): number {
  return ofBody(body, counter) + (body.kind === 'steps' || body.kind === 'next' ? 0 : 1)
}

function loopSteps(loop: Loop, counter: Counter): number {
  return counter.ofLoop(loop) * ofSteps(loop.steps, counter)
}

/** Turns of loops over lists that only a run knows. */
interface Lists {
  readonly tasks: number
  readonly values: number
  readonly items: number
}

function turnsOfLoop({ in: list, range }: Loop, { tasks, values, items }: Lists): number {
  if (list?.kind === 'list') return list.items.length
  if (range?.kind === 'list') {
    const [from, to] = range.items.map((item) => (item.kind === 'integer' ? Number(item.value) : null))
    if (typeof from === 'number' && typeof to === 'number') return to - from + 1
  }
  // Spans of indexes are those of a map's instances.
  if (list?.kind !== 'expression') return items
  if (list.source === 'values') return values
  if (['keys(tasks)', 'ids', 'texts'].includes(list.source)) return tasks
  return list.source === 'value' ? mostAnswerItems : fewItems
}

function retriesOf(retry: RetryPolicy | undefined): number {
  if (retry === undefined) return 0
  if (retry.kind === 'policy') return defaultRetries
  return retry.maxRetries?.kind === 'integer' ? Number(retry.maxRetries.value) : defaultRetries
}

/** A call that waits polls; only those are told how long to wait. */
function pollsOf(args: Value | undefined): number {
  const timeout = entryOf(entryOf(args, 'connector_params'), 'timeout')
  if (timeout === undefined) return 0
  return pollsWithin(
    timeout.kind === 'integer' ? Number(timeout.value) : limits.connectorDefaultTimeout.value,
  )
}

function entryOf(value: Value | undefined, key: string): Value | undefined {
  return value?.kind === 'map' ? value.entries.find((entry) => entry.key === key)?.value : undefined
}
