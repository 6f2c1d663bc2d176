import { withCommas } from '../../artifact/numbers.ts'
import { DagError, type DagDefinition, type Location, type TaskDefinition } from '../../dsl/index.ts'
import type { Problems } from '../../dsl/problems.ts'
import { limits, validateWorkflow, type Limit, type WorkflowDocument } from '../../language/tree.ts'
import type { Procedure } from '../models/procedure.ts'
import type { Graph } from '../graph/graph.ts'
import { mostInstances } from '../lower/helpers/expand-map.ts'
import { jobId, routineName } from '../names.ts'
import type { Plan } from '../schedule/plan.ts'
import { mostSeconds } from './duration.ts'
import { percentUsed, type HeadRoom } from './head-room.ts'
import { lengthsOf, type Lengths } from './lengths.ts'
import { measure, measuredLimits } from './measure.ts'
import { memoryBound } from './memory.ts'
import { mostSteps, type MostSteps } from './most-steps.ts'
import { serviceLimits } from './service-limits.ts'
import { serviceRooms } from './service-rooms.ts'
import { sourceShares } from './source-shares.ts'

/** Contributors that a report names. */
const named = 3

export interface Compiled {
  readonly procedures: readonly Procedure[]
  readonly definition: DagDefinition
  readonly graph: Graph
  readonly plan: Plan
  readonly workflow: WorkflowDocument
  readonly source: string
}

/** How much of each limit the compiled workflow uses; what exceeds one is reported by its name. */
export function checkLimits(compiled: Compiled, problems: Problems): readonly HeadRoom[] {
  checkJobNames(compiled, problems)
  const rooms = headRoomOf(compiled)
  for (const room of rooms.filter(({ limit, used, atLeast = used }) => atLeast > limit.value)) {
    // Told with the task that it is about.
    if (room.code !== undefined) continue
    problems.add('DAG501', limitMessage(room), wayOut(room.limit), room.at ?? undefined)
  }
  if (problems.list.length === 0) checkSource(compiled)
  return rooms
}

/** Limits that only the worst case exceeds: many tasks at once, all with the largest outputs and errors. */
export function limitWarnings(rooms: readonly HeadRoom[], at: Location | null): readonly DagError[] {
  return rooms
    .filter(({ limit, used, atLeast = used }) => used > limit.value && atLeast <= limit.value)
    .map(
      (room) => new DagError('DAG508', limitMessage(room), { at: room.at ?? at, hint: wayOut(room.limit) }),
    )
}

function headRoomOf(compiled: Compiled): readonly HeadRoom[] {
  const { definition, graph, plan, workflow, source } = compiled
  const measured = measure(workflow)
  const { tasks } = graph
  const { schedule } = definition
  const shares = sourceShares(source, tasks)
  const lengths = lengthsOf(definition, tasks)
  const memory = memoryBound({ definition, graph, plan, lengths })
  const { units } = lengths
  const items = (unit: string) => lengths.itemsOf(unit) ?? 1
  const steps = mostSteps(workflow, { tasks, units, schedule, items })
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const atFirst = (most: readonly (readonly [id: string, ...unknown[]])[]) =>
    byId.get(most[0]?.[0] ?? '')?.at ?? null
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`
  return [
    {
      limit: limits.sourceSize,
      used: Buffer.byteLength(source),
      most: [
        `main ${kilobytes(shares.main)}`,
        `shared ${kilobytes(shares.helpers)}`,
        ...shares.tasks.slice(0, named).map(([id, bytes]) => `${id} ${kilobytes(bytes)}`),
      ],
    },
    {
      limit: limits.memory,
      used: memory.worst,
      atLeast: memory.usual,
      note: `at its worst; ${withCommas(memory.usual)} with outputs and errors of an ordinary size`,
      most: memory.tasks.slice(0, named).map(([id, bytes]) => `${id} ${kilobytes(bytes)}`),
      at: atFirst(memory.tasks),
    },
    {
      limit: limits.executedSteps,
      used: steps.total,
      note: `if every try of every task takes its whole timeout${units.some((unit) => lengths.itemsOf(unit) === null) ? ', and lists whose length only a run knows have one item' : ''}`,
      most: steps.tasks.slice(0, named).map(([id, count]) => `${id} ${count}`),
      at: atFirst(steps.tasks),
    },
    ...itemRooms(lengths, steps),
    {
      limit: limits.executionDuration,
      used: mostSeconds(plan, graph, definition, lengths),
      atLeast: 0,
      note: 'if every try of every task takes its whole timeout',
    },
    ...Object.entries(measuredLimits).map(([name, limit]) => {
      const { value, place } = measured[name as keyof typeof measuredLimits]
      const at = ownerOf(place, tasks)?.at ?? null
      return { limit, used: value, ...(value > 0 && { most: [placeText(place, tasks)], at }) }
    }),
    ...serviceRooms(compiled),
  ]
}

/**
 * For each mapped task or group the most items that the steps of a run leave room for, every try of every instance taking
 * its whole time; the steps of all tasks refuse what is known to have more.
 */
function itemRooms({ units, itemsOf }: Lengths, { total, perItem }: MostSteps): readonly HeadRoom[] {
  return units.map((unit) => {
    const known = itemsOf(unit)
    const each = perItem.get(unit) ?? 1
    const left = limits.executedSteps.value - total + (known ?? 1) * each
    const value = Math.max(0, Math.min(mostInstances, Math.floor(left / each)))
    const note = `each takes at most ${each} steps`
    return {
      limit: { ...limits.executedSteps, name: `items of ${unit}`, value, unit: 'items' },
      used: known ?? 1,
      atLeast: 0,
      note: known === null ? `only a run knows how many; ${note}` : note,
    }
  })
}

/** Within a task's subworkflow the task's name says where. */
function placeText(place: string, tasks: readonly TaskDefinition[]): string {
  const own = ownerOf(place, tasks)
  return own === undefined ? place : place.replace(routineName(own.id), own.id)
}

function ownerOf(place: string, tasks: readonly TaskDefinition[]): TaskDefinition | undefined {
  return tasks.find(({ id }) => place.split('.')[0] === routineName(id))
}

function limitMessage(room: HeadRoom): string {
  const { limit, used, note, most = [] } = room
  const how = note === undefined ? '' : ` (${note})`
  const where = most.length === 0 ? '' : `; most of it: ${most.join(', ')}`
  return `${limit.name}: ${withCommas(used)} of ${withCommas(limit.value)} ${limit.unit}${how}, ${percentUsed(room)} %${where}`
}

function wayOut(limit: Limit): string {
  if (limit.name === limits.executedSteps.name)
    return 'lower timeouts and retries, bound lists by their schemas (.max()), map over batches, or split the DAG'
  if (limit.name === limits.executionDuration.name) return 'lower timeouts, retries or their delays'
  if (limit.name === limits.argumentSize.name)
    return 'bound params by their schemas, and hand over large values as objects of the bucket'
  if (limit.name.startsWith('argument of')) return 'trigger with fewer or smaller params'
  if (limit.unit === 'characters' && limit.name.includes('description')) return `shorten it (${limit.doc})`
  if (limit.name === serviceLimits.query.name) return `split the model into several (${limit.doc})`
  if (limit.name === limits.memory.name)
    return 'bound the outputs of these steps by their schemas (enum, .max()), or split the DAG: results are kept to the end of a run'
  if (limit.name === limits.assignments.name || limit.name === limits.conditions.name)
    return `split the task into several (${limit.doc})`
  if (limit.name === limits.stringLength.name)
    return `pass the text as an object of the bucket (${limit.doc})`
  return `split the DAG into several that exchange data through tables (${limit.doc})`
}

function checkJobNames({ definition, graph }: Compiled, problems: Problems): void {
  for (const task of graph.tasks) {
    const id = jobId(definition.id, task.id)
    if (task.kind !== 'step' || id.length <= serviceLimits.cloudRunJobName.value) continue
    const hint = `shorten the id of the DAG or of the task by ${id.length - serviceLimits.cloudRunJobName.value}`
    problems.add(
      'DAG502',
      `Cloud Run job ${id} has ${id.length} of ${serviceLimits.cloudRunJobName.value} characters`,
      hint,
      task.at,
    )
  }
}

/** What the compiler writes can be deployed; anything else is a defect of it, not of the DAG. */
function checkSource({ definition, workflow, source }: Compiled): void {
  const found = validateWorkflow(workflow, Buffer.byteLength(source))
  if (found.length === 0) return
  const list = found.map((problem) => `${problem.code}: ${problem.message}`).join('\n')
  throw new Error(`the workflow compiled from DAG ${definition.id} would be refused:\n${list}`)
}
