import { mostBytes } from '../../dsl/bound.ts'
import type { DagDefinition, TaskDefinition } from '../../dsl/index.ts'
import { limits } from '../../language/index.ts'
import type { InputValue, RefPath } from '../../dsl/index.ts'
import { fields } from '../../dsl/schema.ts'
import { outputBytes } from '../lower/input-size.ts'
import type { Graph } from '../graph/graph.ts'
import { mappedGroupOf } from '../graph/units.ts'
import { mostInstances } from '../lower/helpers/expand-map.ts'
import { tasksIn, type Plan } from '../schedule/plan.ts'
import { valueBytes } from './value-size.ts'

/**
 * A bound of the memory that the variables of a run take at once: the run map, the results of all tasks, and the frames of
 * those that may run side by side, each with a run map of its own. What no schema bounds is counted with what stands here.
 * https://cloud.google.com/workflows/docs/reference/syntax/variables
 */
export interface MemoryBound {
  readonly total: number
  /** Of it what is held to the end of the run, however few tasks are at work at once. */
  readonly held: number
  /** What each task adds, the largest first: its result to the end of the run, and its frame while it runs. */
  readonly tasks: readonly (readonly [id: string, bytes: number])[]
}

/** Params whose schema sets no bound. */
const usualParams = 1024

/** Ids, dates and names in the run map, and their JSON text. */
const runBytes = 2 * 1024

/** What is known of a task of an earlier execution; its name in texts about the tasks above others. */
const knownBytes = 64

/** A retry policy that is not the usual one. */
const policyBytes = 160

/** State, tries and reason, or code and message of an error: 1,000 characters. */
const endBytes = 1536

/** What Storage tells of an object besides its metadata. */
const objectBytes = 2 * 1024

/** The lists of a map: all its items together, however many run at once. */
const listBytes = 2 * outputBytes

/** What a map keeps of up to 1,000 instances: counts, the indexes of those that failed, the first error, one reason. */
const instancesBytes = mostInstances * 8 + 2 * endBytes

const head = 8

/** A key of a path that the step follows; a value of the run, or where the results of instances stand. */
const pathBytes = 64
const pointerBytes = 256

/** An error as a connector raises it. */
const errorBytes = 2 * 1024

interface MemoryOptions {
  readonly definition: DagDefinition
  readonly graph: Graph
  readonly plan: Plan
}

export function memoryBound({ definition, graph, plan }: MemoryOptions): MemoryBound {
  const { tasks } = graph
  const run = runMapBytes(definition, tasks)
  const results = tasks.map((task) => endBytes + outputOf(task))
  const groupOf = mappedGroupOf(definition.groups)
  const repeats = (task: TaskDefinition) => isMapped(task) || groupOf(task) !== null
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const frames = tasks.map((task) => frameBytes(task, run, graph, byId))
  const units = new Set(tasks.filter(repeats).map((task) => groupOf(task)?.path ?? task.id))
  const maps = tasks.filter(repeats).length * instancesBytes + units.size * listBytes
  const atOnce = Math.min(
    limits.concurrentBranches.value,
    tasks.some(repeats) ? limits.concurrentBranches.value : widthOf(plan),
  )
  const running = sum(instancesOf(tasks, frames, repeats).slice(0, atOnce))
  const ends = tasks.length * endBytes
  // The end of a run: all results once more without outputs, and in the frame that sums them up, with the failed ones.
  const finishing = run + 2 * ends + sum(tasks.map(({ id }) => 3 * (id.length + 16)))
  const kept = 2 * run + sum(results) + ends + maps
  const total = kept + Math.max(running, finishing)
  const all = tasks.map(({ id }, index) => [id, (results[index] ?? 0) + (frames[index] ?? 0)] as const)
  return { total, held: kept + finishing, tasks: all.toSorted((a, b) => b[1] - a[1]) }
}

/** Every instance of a mapped task has a frame; the largest first. */
function instancesOf(
  tasks: readonly TaskDefinition[],
  frames: readonly number[],
  repeats: (task: TaskDefinition) => boolean,
): readonly number[] {
  const most = limits.concurrentBranches.value
  return tasks
    .flatMap((task, index) => Array.from({ length: repeats(task) ? most : 1 }, () => frames[index] ?? 0))
    .toSorted((a, b) => b - a)
}

function runMapBytes({ params }: DagDefinition, tasks: readonly TaskDefinition[]): number {
  const given = mostBytes(params)
  const paramBytes = valueBytes(params, Number.isFinite(given) ? given * 3 : usualParams)
  const policies = new Set(tasks.map(({ retry }) => JSON.stringify(retry))).size - 1
  return runBytes + paramBytes + tasks.length * knownBytes + Math.max(0, policies) * policyBytes
}

/**
 * While a task runs: its own run map, what it is told, and the most of what follows: the request with a run map and an input
 * of its own, the object with the result, and the error being judged.
 */
function frameBytes(
  task: TaskDefinition,
  run: number,
  { declared }: Graph,
  tasks: ReadonlyMap<string, TaskDefinition>,
): number {
  const upstream = (declared.get(task.id)?.length ?? 0) * knownBytes
  const input = task.kind === 'step' ? valueOf(task.input, tasks) : 0
  const object = task.kind === 'step' ? objectBytes + outputBytes : outputOf(task)
  const judged = run + 3 * errorBytes + objectBytes + endBytes
  return run + upstream + input + Math.max(run + input, object, judged)
}

/** Memory of an input. Of an output the field that is referred to is passed whole, for the step to look into. */
function valueOf(value: InputValue, tasks: ReadonlyMap<string, TaskDefinition>): number {
  switch (value.kind) {
    case 'literal':
      return head + Buffer.byteLength(String(value.value))
    case 'list':
      return head + sum(value.items.map((item) => valueOf(item, tasks)))
    case 'text':
      return head + sum(value.parts.map((item) => valueOf(item, tasks)))
    case 'map':
      return head + sum(value.entries.map(({ key, value: item }) => head + key.length + valueOf(item, tasks)))
    case 'ref':
      return referenceOf(value.ref, tasks)
  }
}

function referenceOf({ source, path }: RefPath, tasks: ReadonlyMap<string, TaskDefinition>): number {
  const rest = pathBytes * path.length
  if (source.kind === 'params') return usualParams + rest
  if (source.kind !== 'task') return pointerBytes + rest
  const task = tasks.get(source.task)
  const schema = task?.kind === 'step' ? task.contract.output : task?.kind === 'http' ? task.output : null
  const field = schema === null ? undefined : path[0] === undefined ? schema : fields(schema)[path[0]]
  return rest + (field === undefined ? endBytes : valueBytes(field, outputBytes))
}

function outputOf(task: TaskDefinition): number {
  switch (task.kind) {
    case 'step':
      return isMapped(task) ? endBytes : valueBytes(task.contract.output, outputBytes)
    case 'http':
      return valueBytes(task.output, outputBytes)
    case 'branch':
      return endBytes
    default:
      return 0
  }
}

function isMapped(task: TaskDefinition): boolean {
  return task.kind === 'step' && task.mapping !== null
}

/** Tasks that may run at once. */
function widthOf(plan: Plan): number {
  if (plan.kind === 'task') return 1
  if (plan.kind === 'sequence') return Math.max(...plan.items.map(widthOf))
  return Math.min(tasksIn(plan).length, sum(plan.branches.map(widthOf)))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
