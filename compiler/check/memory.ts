import { mostBytes } from '../../dsl/bound.ts'
import type { DagDefinition, TaskDefinition } from '../../dsl/index.ts'
import { limits } from '../../language/tree.ts'
import type { InputValue, RefPath } from '../../dsl/index.ts'
import { elementOf, fields, type Schema } from '../../dsl/schema.ts'
import { inputsOf } from '../../dsl/task-inputs.ts'
import type { StepTask } from '../../dsl/task.ts'
import { outputBytes } from '../lower/input-size.ts'
import { mostMessageBytes } from '../lower/helpers/settle.ts'
import type { Graph } from '../graph/graph.ts'
import { readOutputs } from '../graph/read-outputs.ts'
import { mappedGroupOf, unitsOf } from '../graph/units.ts'
import { mostInstances } from '../lower/helpers/expand-map.ts'
import type { Plan } from '../schedule/plan.ts'
import type { Lengths } from './lengths.ts'
import { valueBytes } from './value-size.ts'

/**
 * A bound of the memory that the variables of a run take at once: what `main` holds, and the frames of the tasks that may
 * run side by side, each with a run map of its own. docs/limits.md tells what is counted.
 * https://cloud.google.com/workflows/docs/reference/syntax/variables
 */
export interface MemoryBound {
  /** Whatever may come, as far as anything bounds it. */
  readonly worst: number
  /** With values of an ordinary size where no schema bounds them. */
  readonly usual: number
  /** What each task adds to the worst, the largest first: its result to the end of the run, and its frames while it runs. */
  readonly tasks: readonly (readonly [id: string, bytes: number])[]
}

/** Bytes of what no schema of a DAG bounds. */
interface Sizing {
  /** JSON of an output. */
  readonly output: number
  /** Message of an error, or reason of a skip, as a run keeps it. */
  readonly message: number
  /** An error as a connector raises it. */
  readonly error: number
  /** Instances of a map that fail, or that a rerun repeats. */
  readonly failed: number
}

const worstCase: Sizing = {
  output: outputBytes,
  message: mostMessageBytes,
  error: 1536,
  failed: mostInstances,
}

const usualCase: Sizing = { output: 1024, message: 250, error: 1024, failed: 100 }

/** Params whose schema sets no bound. */
export const usualParams = 1024

/** Ids, dates and names in the run map, and their JSON text. */
const runBytes = 1920

/** A retry policy that is not the usual one. */
const policyBytes = 160

/** State, tries, and code of an error, besides its message or a reason. */
const stateAndCode = 300

/** What a text about the tasks above says of one of them, besides its id. */
const stateBytes = 24

/** What Storage tells of an object besides its metadata. */
const objectBytes = 2 * 1024

/** Lists of indexes that a map keeps. */
const indexLists = 3

const head = 8

/** A key of a path that the step follows; a value of the run, or where the results of instances stand. */
const pathBytes = 64
const pointerBytes = 256

/** How often an error is held while a task judges it. */
const errorCopies = 3

/** What a task keeps while it waits, asks a service, or decides. */
const smallWork = 1024

/** What hooks are told of a run, as a map and as a text. */
const eventBytes = 24 * 1024

interface MemoryOptions {
  readonly definition: DagDefinition
  readonly graph: Graph
  readonly plan: Plan
  /** The most instances of mapped tasks and groups that the DAG itself names. */
  readonly lengths: Lengths
}

export function memoryBound(options: MemoryOptions): MemoryBound {
  const { total, tasks } = boundWith(options, worstCase)
  return { worst: total, usual: boundWith(options, usualCase).total, tasks }
}

function boundWith(
  { definition, graph, plan, lengths }: MemoryOptions,
  sizing: Sizing,
): { readonly total: number; readonly tasks: MemoryBound['tasks'] } {
  const { tasks } = graph
  const sizes: Sizes = {
    ...sizing,
    run: runMapBytes(definition, tasks),
    end: stateAndCode + sizing.message,
    graph,
    read: readOutputs(graph),
    tasks: new Map(tasks.map((task) => [task.id, task])),
  }
  const ends = tasks.map((task) => Math.max(sizes.end, upstreamBytes(task, sizes)) + task.id.length)
  const results = tasks.map((task, index) => Math.max(ends[index] ?? 0, outputOf(task, sizes)))
  const frames = new Map(tasks.map((task) => [task.id, frameBytes(task, sizes)]))
  const resultOf = new Map(tasks.map(({ id }, index) => [id, results[index] ?? 0]))
  const groupOf = mappedGroupOf(definition.groups)
  const members = unitsOf(tasks, definition.groups, new Map()).members
  const groups = new Map(definition.groups.map((group) => [group.path, group]))
  const instancesAtOnce = (unit: string): number => {
    const own = sizes.tasks.get(unit)
    const mapping = own?.kind === 'step' ? own.mapping : groups.get(unit)?.mapping
    const most = Math.min(mapping?.maxConcurrent ?? Infinity, lengths.itemsOf(unit) ?? Infinity)
    return Math.min(limits.concurrentBranches.value, Math.max(1, most))
  }
  const framesOf = (unit: string): readonly number[] => {
    const own = sizes.tasks.get(unit)
    const ids = members.get(unit) ?? []
    const largest = Math.max(0, ...ids.map((id) => frames.get(id) ?? 0))
    if (own && !isMapped(own)) return [largest]
    // An iteration keeps the results of its tasks while the next one runs.
    const kept = sum(ids.map((id) => resultOf.get(id) ?? 0))
    return Array.from({ length: instancesAtOnce(unit) }, () => largest + kept)
  }
  const running = sum(framesAtOnce(plan, framesOf))
  const names = sum(tasks.map(({ id }) => 3 * (id.length + 2 * head)))
  const told = definition.onSuccess.length + definition.onFailure.length > 0
  // All ends once more: what sums them up is given them, and they come back as the run's result; hooks are told them twice.
  const finishing = sizes.run + (told ? 3 : 1) * sum(ends) + names + (told ? sizes.run + 2 * eventBytes : 0)
  const repeated = tasks.filter((task) => isMapped(task) || groupOf(task) !== null)
  const held = 2 * sizes.run + sum(results) + mappingBytes(definition, repeated, sizes)
  const atOnce = (task: TaskDefinition): number => {
    const unit = isMapped(task) ? task.id : groupOf(task)?.path
    return unit === undefined ? 1 : instancesAtOnce(unit)
  }
  const all = tasks.map((task) => {
    const { id } = task
    return [id, (resultOf.get(id) ?? 0) + atOnce(task) * (frames.get(id) ?? 0)] as const
  })
  return { total: held + Math.max(running, finishing), tasks: all.toSorted((a, b) => b[1] - a[1]) }
}

interface Sizes extends Sizing {
  /** The run map. */
  readonly run: number
  /** How a task ended, without an output. */
  readonly end: number
  readonly graph: Graph
  readonly read: ReadonlySet<string>
  readonly tasks: ReadonlyMap<string, TaskDefinition>
}

/**
 * The frames that there may be at once, the largest first, at most as many as branches and iterations run: of tasks one
 * after another the larger at each place, so that no choice among them has more.
 */
function framesAtOnce(plan: Plan, framesOf: (unit: string) => readonly number[]): readonly number[] {
  if (plan.kind === 'task') return framesOf(plan.task)
  if (plan.kind === 'parallel') {
    const all = plan.branches.flatMap((branch) => framesAtOnce(branch, framesOf))
    return all.toSorted((a, b) => b - a).slice(0, limits.concurrentBranches.value)
  }
  const items = plan.items.map((item) => framesAtOnce(item, framesOf))
  const length = Math.max(0, ...items.map((item) => item.length))
  return Array.from({ length }, (_, place) => Math.max(...items.map((item) => item[place] ?? 0)))
}

function runMapBytes({ params }: DagDefinition, tasks: readonly TaskDefinition[]): number {
  const policies = new Set(tasks.map(({ retry }) => JSON.stringify(retry))).size - 1
  const known = sum(tasks.map(({ id }) => id.length + 2 + 'cancelled'.length + 2 * head))
  return runBytes + paramBytes(params) + known + Math.max(0, policies) * policyBytes
}

function paramBytes(params: DagDefinition['params']): number {
  const given = mostBytes(params)
  return valueBytes(params, Number.isFinite(given) ? given * 3 : usualParams)
}

/** A text that tells how the tasks above ended. */
function upstreamBytes({ id }: TaskDefinition, { graph }: Sizes): number {
  return head + sum((graph.declared.get(id) ?? []).map((above) => above.length + stateBytes))
}

/**
 * While a task runs: its own run map, what it is told, and the most of what follows: the request with a run map and an input
 * of its own, the object with the result, an answer and what is kept of it, and the error being judged.
 */
function frameBytes(task: TaskDefinition, sizes: Sizes): number {
  const { run } = sizes
  const input =
    sum(givenTo(task).map((value) => valueOf(value, sizes))) +
    (task.kind === 'step' ? itemsOf(task, sizes) : smallWork)
  const object = task.kind === 'step' ? objectBytes + outputBytes : 0
  const answer = task.kind === 'http' ? 4 * schemaBytes(task.output, sizes) : 0
  const judged = errorCopies * sizes.error + run + objectBytes + 3 * sizes.end
  return run + upstreamBytes(task, sizes) + input + Math.max(run + input, object, answer, judged)
}

/** Its lists left aside, of which an instance is given an item each. */
function givenTo(task: TaskDefinition): readonly InputValue[] {
  return task.kind === 'step' ? [task.input] : inputsOf(task)
}

/**
 * What an instance is given of the lists that it is mapped over. Instances that work at once have different items of a
 * list, which are no more than the list; only of several lists they combine the same items again and again.
 */
function itemsOf({ mapping }: StepTask, sizes: Sizes): number {
  if (mapping === null || mapping.kind !== 'product' || mapping.lists.length === 1) return pointerBytes
  return sum(mapping.lists.map(({ list }) => itemOf(list, sizes)))
}

function itemOf(list: InputValue, sizes: Sizes): number {
  if (list.kind === 'list') return Math.max(0, ...list.items.map((item) => valueOf(item, sizes)))
  const schema = list.kind === 'ref' ? fieldOf(list.ref, sizes) : undefined
  const element = schema && elementOf(schema)
  return element ? schemaBytes(element, sizes) : valueOf(list, sizes)
}

/** The lists of maps, and what maps keep of their instances. */
function mappingBytes({ groups }: DagDefinition, repeated: readonly TaskDefinition[], sizes: Sizes): number {
  const own = repeated.flatMap((task) => (task.kind === 'step' && task.mapping ? [task.mapping] : []))
  const shared = groups.flatMap(({ mapping }) => mapping ?? [])
  const lists = [...own, ...shared].flatMap((mapping) =>
    mapping.lists.map(({ list }) => valueOf(list, sizes)),
  )
  return repeated.length * (indexLists * sizes.failed * head + 2 * sizes.end) + sum(lists.map(listBytes))
}

/**
 * A list as a map is given it, and measured. Its instances are given items of it, and so are their jobs: where twenty of
 * them make up the list they are long, and take no more memory than JSON.
 */
function listBytes(bytes: number): number {
  return 2 * bytes + 2 * Math.min(bytes, outputBytes)
}

/** Memory of an input. Of an output the field that is referred to is passed whole, for the step to look into. */
function valueOf(value: InputValue, sizes: Sizes): number {
  switch (value.kind) {
    case 'literal':
      return head + Buffer.byteLength(String(value.value))
    case 'list':
      return head + sum(value.items.map((item) => valueOf(item, sizes)))
    case 'text':
      return head + sum(value.parts.map((item) => valueOf(item, sizes)))
    case 'map':
      return head + sum(value.entries.map(({ key, value: item }) => head + key.length + valueOf(item, sizes)))
    case 'ref':
      return referenceOf(value.ref, sizes)
  }
}

function referenceOf({ source, path }: RefPath, sizes: Sizes): number {
  const rest = pathBytes * path.length
  if (source.kind === 'params') return usualParams + rest
  if (source.kind !== 'task') return pointerBytes + rest
  const field = fieldOf({ source, path }, sizes)
  return rest + (field === undefined ? sizes.end : schemaBytes(field, sizes))
}

/** The field of a task's output that is passed on; the whole output where none is named. */
function fieldOf({ source, path }: RefPath, { tasks }: Sizes): Schema | undefined {
  const task = source.kind === 'task' ? tasks.get(source.task) : undefined
  const schema =
    task?.kind === 'step' ? task.contract.output : task?.kind === 'http' ? task.output : undefined
  return schema === undefined || path[0] === undefined ? schema : fields(schema)[path[0]]
}

function outputOf(task: TaskDefinition, sizes: Sizes): number {
  if (task.kind === 'branch') return 2 * sizes.end
  if (!sizes.read.has(task.id)) return 0
  return task.kind === 'step'
    ? schemaBytes(task.contract.output, sizes)
    : task.kind === 'http'
      ? schemaBytes(task.output, sizes)
      : sizes.end
}

/** Of an output, or a field of one. */
function schemaBytes(schema: Schema, { output }: Sizes): number {
  return valueBytes(schema, Number.isFinite(mostBytes(schema)) ? outputBytes : output)
}

function isMapped(task: TaskDefinition): boolean {
  return task.kind === 'step' && task.mapping !== null
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
