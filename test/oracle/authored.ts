import { dag, outputsOf, z, zip, type DagDefinition } from '../../dsl/index.ts'
import { defineContract } from '../../steps/runtime/contract.ts'
import type {
  BranchTask,
  DescribedTask,
  Description,
  Repetition,
  ShortCircuitTask,
  WorkTask,
} from './description.ts'
import { isWithin, structureOf, type Structure } from './structure.ts'

/** Items of the lists that tasks are repeated over; an item says which one it is. */
interface Item {
  readonly at: number
  /** What the branches and short circuits of a mapped group decide for this item. */
  readonly [decision: string]: unknown
}

/** A description as a DAG that the public functions of `dagwright` declare, with what a run of it is given. */
export interface Authored {
  readonly definition: DagDefinition
  readonly params: Readonly<Record<string, unknown>>
  /** What each task that succeeds gives. */
  outputOf(task: WorkTask, index: number): Readonly<Record<string, unknown>>
}

/** Declares what a description says. Work is done by steps; decisions rest on params and on outputs of steps. */
export function author(description: Description): Authored {
  const structure = structureOf(description)
  const plan = { structure, deciders: description.tasks.filter(isDecider) }
  const params = paramsOf(plan)
  const schema = z.object(Object.fromEntries(params.map(({ name, schema: each }) => [name, each])))
  const { failRunOn, slots } = description
  const options = { description: 'A random DAG', params: schema, failRunOn } as const
  const definition = dag(
    'random',
    {
      ...options,
      defaults: { retryDelay: '30s', timeout: '10m' },
      ...(slots !== undefined && { pools: { [pool]: slots } }),
    },
    (context) => declare(context as unknown as Authoring, plan),
  )
  return {
    definition,
    params: Object.fromEntries(params.map(({ name, value }) => [name, value])),
    outputOf: (task, index) => outputOf(task, index, plan),
  }
}

/** Decisions that no step makes, and lists in whose items the decisions of a mapped group stand. */
function paramsOf(plan: Plan): readonly { name: string; schema: z.ZodType; value: unknown }[] {
  const decisions = plan.deciders
    .filter((task) => placeOf(task, plan) === 'params')
    .map((task) => ({ name: task.id, schema: choiceSchema(task), value: choiceOf(task, 0) }))
  const lists = plan.structure.description.groups.flatMap(({ path, map }) => {
    const group = nameOf(path)
    if (map === null || map.over !== null || !isParamList(map, group, plan)) return []
    const name = `${list}${group}`
    return { name, schema: listSchema(name, plan), value: itemsOf(map.length, group, plan) }
  })
  return [...decisions, ...lists]
}

interface Plan {
  readonly structure: Structure
  readonly deciders: readonly (BranchTask | ShortCircuitTask)[]
}

/** What `dag` gives to its callback, as functions of names that are only known here. */
interface Authoring {
  readonly params: Readonly<Record<string, unknown>>
  task(id: string, contract: unknown, inputs: object, options: object): Reference
  map(id: string, contract: unknown, over: unknown, options: object): Reference
  mapGroup(id: string, list: unknown, build: (item: Reference) => void, options: object): unknown
  group(id: string, build: () => void): unknown
  branch(id: string, choice: object, options: object): Reference & { case(name: string): unknown }
  shortCircuit(id: string, condition: unknown, options: object): unknown
  empty(id: string, options: object): unknown
}

type Reference = Readonly<Record<string, unknown>>

function isDecider(task: DescribedTask): task is BranchTask | ShortCircuitTask {
  return task.kind === 'branch' || task.kind === 'short_circuit'
}

/** Where a decision comes from: the item of the group, the output of a step right above that must have succeeded, or a param. */
function placeOf(task: BranchTask | ShortCircuitTask, { structure }: Plan): 'item' | 'params' | WorkTask {
  if (structure.mappedGroups.has(task.id)) return 'item'
  if (task.rule !== 'all_success') return 'params'
  const above = structure.edges.get(task.id)!.map(({ from }) => structure.tasks.get(from)!)
  return above.find((each) => isPlainWork(each, structure)) ?? 'params'
}

/** A step that runs once and whose output others can refer to. */
function isPlainWork(task: DescribedTask, { mappedGroups }: Structure): task is WorkTask {
  return task.kind === 'work' && task.map === null && !mappedGroups.has(task.id)
}

function choiceOf(task: BranchTask | ShortCircuitTask, index: number): unknown {
  if (task.kind === 'short_circuit') return task.passes[index] ?? true
  const chosen = task.chosen[index] ?? []
  // The last case, where a branch has one for everything else, is chosen by saying something else.
  return hasOtherwise(task) && chosen.length === 1 && chosen[0] === task.cases.at(-1)
    ? ['none_of_them']
    : chosen
}

/** Where nothing may be chosen at all, there is no case for everything else. */
function hasOtherwise(task: BranchTask): boolean {
  return task.cases.length > 1 && task.chosen.every((names) => names.length > 0)
}

function choiceSchema(task: BranchTask | ShortCircuitTask): z.ZodType {
  if (task.kind === 'short_circuit') return z.boolean()
  return z.array(z.enum([...task.cases, 'none_of_them'])).max(task.cases.length)
}

const seen = 'seen_'
const list = 'list_'
const choice = 'choice_'
const pool = 'pool'

function contractOf(task: WorkTask, plan: Plan) {
  const { structure, deciders } = plan
  const upstream = structure.edges.get(task.id)!.map(({ from }) => from)
  const reads = upstream.map((id) => [`${seen}${id}`, z.unknown().optional()] as const)
  const choices = deciders
    .filter((decider) => placeOf(decider, plan) === task)
    .map((decider) => [`${choice}${decider.id}`, choiceSchema(decider)] as const)
  const lists = listsOf(task, structure).map(([name]) => [name, listSchema(name, plan)] as const)
  return defineContract({
    name: `random/${task.id.replaceAll('_', '-')}`,
    image: 'steps',
    input: z.object({
      item: z.unknown().optional(),
      other: z.unknown().optional(),
      ...Object.fromEntries(reads),
    }),
    output: z.object({ value: z.string().max(80), ...Object.fromEntries([...choices, ...lists]) }),
    timeout: '10m',
    ...(task.isOnce && { idempotency: 'non_idempotent' as const }),
  })
}

/** The lists that the output of a task gives to others, by field. */
function listsOf(task: WorkTask, { description }: Structure): readonly (readonly [string, Repetition])[] {
  const tasks = description.tasks.flatMap((each) =>
    each.kind === 'work' && each.map?.over === task.id ? [[`${list}${each.id}`, each.map] as const] : [],
  )
  const groups = description.groups.flatMap(({ path, map }) =>
    map?.over === task.id ? [[`${list}${nameOf(path)}`, map] as const] : [],
  )
  return [...tasks, ...groups]
}

/** The items of an empty list tell nothing of their fields, and those written in a DAG set no bounds for decisions. */
function isParamList({ length }: Pick<Repetition, 'length'>, group: string, plan: Plan): boolean {
  return length === 0 || groupDeciders(group, plan).length > 0
}

/** Decisions inside a mapped group are fields of its items. */
function groupDeciders(group: string, { structure, deciders }: Plan) {
  return deciders.filter(({ id }) => {
    const around = structure.mappedGroups.get(id)
    return around !== undefined && nameOf(around.path) === group
  })
}

function listSchema(field: string, plan: Plan): z.ZodType {
  const deciders = groupDeciders(field.slice(list.length), plan)
  const choices = deciders.map((task) => [task.id, choiceSchema(task)] as const)
  return z.array(z.object({ at: z.int(), ...Object.fromEntries(choices) })).max(4)
}

function itemsOf(length: number, group: string | null, plan: Plan): readonly Item[] {
  const deciders = group === null ? [] : groupDeciders(group, plan)
  return Array.from({ length }, (_, at) => ({
    at,
    ...Object.fromEntries(deciders.map((task) => [task.id, choiceOf(task, at)])),
  }))
}

function outputOf(task: WorkTask, index: number, plan: Plan): Readonly<Record<string, unknown>> {
  const choices = plan.deciders
    .filter((decider) => placeOf(decider, plan) === task)
    .map((decider) => [`${choice}${decider.id}`, choiceOf(decider, 0)] as const)
  const lists = listsOf(task, plan.structure).map(
    ([name, { length }]) => [name, itemsOf(length, name.slice(list.length), plan)] as const,
  )
  return { value: `${task.id} ${index}`, ...Object.fromEntries([...choices, ...lists]) }
}

function nameOf(path: string): string {
  return path.split('.').at(-1)!
}

/** Everything declared so far, as what others come after and refer to. */
interface Declared {
  readonly tasks: Map<string, Reference>
  readonly groups: Map<string, unknown>
}

function declare(context: Authoring, plan: Plan): void {
  const declared: Declared = { tasks: new Map(), groups: new Map() }
  declareAll(plan.structure.description.tasks, null, null, { context, plan, declared })
}

interface Place {
  readonly context: Authoring
  readonly plan: Plan
  readonly declared: Declared
}

/** Tasks of a group stand side by side, so that each group is one run of the list. */
function declareAll(
  tasks: readonly DescribedTask[],
  group: string | null,
  item: Reference | null,
  place: Place,
): void {
  const { context, plan, declared } = place
  for (let at = 0; at < tasks.length;) {
    const path = groupBelow(tasks[at]!.group, group)
    if (path === null) {
      declared.tasks.set(tasks[at]!.id, declareTask(tasks[at]!, item, place) as Reference)
      at += 1
      continue
    }
    const end = tasks.findIndex((task, index) => index >= at && !isWithin(task.group, path))
    const members = tasks.slice(at, end === -1 ? tasks.length : end)
    const { map } = plan.structure.description.groups.find((each) => each.path === path)!
    const handle =
      map === null
        ? context.group(nameOf(path), () => declareAll(members, path, item, place))
        : context.mapGroup(
            nameOf(path),
            listRef(map, nameOf(path), place),
            (own) => declareAll(members, path, own, place),
            mappingOptions(map),
          )
    declared.groups.set(path, handle)
    at += members.length
  }
}

/** The outermost group around a task within the one that is open. */
function groupBelow(path: string | null, open: string | null): string | null {
  if (path === null || path === open) return null
  const rest = open === null ? path : path.slice(open.length + 1)
  const first = rest.split('.')[0]!
  return open === null ? first : `${open}.${first}`
}

function listRef({ over, length }: Repetition, name: string, { context, plan, declared }: Place): unknown {
  if (over === null) {
    const isGroup = plan.structure.description.groups.some(({ path }) => nameOf(path) === name)
    return isGroup && isParamList({ length }, name, plan)
      ? context.params[`${list}${name}`]
      : itemsOf(length, name, plan)
  }
  const source = plan.structure.tasks.get(over)
  const isMapped = source?.kind === 'work' && source.map !== null
  return declared.tasks.get(over)![isMapped ? 'outputs' : `${list}${name}`]
}

function declareTask(task: DescribedTask, item: Reference | null, place: Place): unknown {
  const { context } = place
  switch (task.kind) {
    case 'work':
      return declareWork(task, item, place)
    case 'empty':
      return context.empty(task.id, nodeOptions(task, task.upstream, place))
    case 'branch': {
      const otherwise = hasOtherwise(task) ? task.cases.at(-1)! : null
      const cases = otherwise === null ? task.cases : task.cases.slice(0, -1)
      return context.branch(
        task.id,
        { on: decisionRef(task, item, place), cases, ...(otherwise !== null && { otherwise }) },
        nodeOptions(task, task.upstream, place),
      )
    }
    case 'short_circuit':
      return context.shortCircuit(task.id, decisionRef(task, item, place), {
        ...nodeOptions(task, task.upstream, place),
        skips: task.skips,
      })
  }
}

function decisionRef(
  task: BranchTask | ShortCircuitTask,
  item: Reference | null,
  { context, plan, declared }: Place,
): unknown {
  const from = placeOf(task, plan)
  if (from === 'item') return item![task.id]
  return from === 'params' ? context.params[task.id] : declared.tasks.get(from.id)![`${choice}${task.id}`]
}

function declareWork(task: WorkTask, item: Reference | null, place: Place): unknown {
  const { context, plan } = place
  const contract = contractOf(task, plan)
  const read = task.upstream.filter((target) => readsOutput(task, target, place))
  const inputs = Object.fromEntries(
    read.map((target) => [`${seen}${target}`, outputRef(task, target, place)] as const),
  )
  const after = task.upstream.filter((target) => !read.includes(target))
  const options = {
    ...nodeOptions(task, after, place),
    retries: task.retries,
    ...(task.setup && { setup: true }),
    ...(task.slots !== undefined && { pool: { name: pool, slots: task.slots } }),
    ...(task.teardownOf.length > 0 && {
      teardownOf: task.teardownOf.map((id) => place.declared.tasks.get(id)),
      ...(task.failsRun && { failsRun: true }),
    }),
  }
  if (task.map === null) {
    return context.task(task.id, contract, { ...inputs, ...(item !== null && { item: item['at'] }) }, options)
  }
  return context.map(task.id, contract, listsOver(task.map, task.id, place), {
    ...options,
    partial: inputs,
    ...mappingOptions(task.map),
  })
}

function mappingOptions({ maxConcurrent, tolerated, toleratedPercent: percent }: Repetition): object {
  return {
    ...(maxConcurrent !== null && { maxConcurrent }),
    ...(tolerated !== undefined && { tolerateFailed: percent === undefined ? tolerated : `${percent}%` }),
  }
}

/** What a task is mapped over: one list, or two of them. */
function listsOver(map: Repetition, task: string, place: Place): unknown {
  const item = listRef(map, task, place)
  if (map.second === undefined) return { item }
  const lists = {
    item: item as readonly Item[],
    other: Array.from({ length: map.second.length }, (_, at) => ({ at })),
  }
  if (map.second.by === 'product') return lists
  return zip(lists, map.second.by === 'zip' ? {} : { fill: { at: -1 } })
}

/** Every other edge from a step is drawn by its output being an input, the others by order alone. */
function readsOutput(task: WorkTask, target: string, { plan: { structure } }: Place): boolean {
  const source = structure.tasks.get(target)
  return source?.kind === 'work' && (source.id.length + task.upstream.indexOf(target)) % 2 === 0
}

function outputRef(task: WorkTask, target: string, { plan: { structure }, declared }: Place): unknown {
  const source = structure.tasks.get(target) as WorkTask
  const reference = declared.tasks.get(target)!
  if (source.map !== null) return reference['outputs']
  const around = structure.mappedGroups.get(target)
  if (around !== undefined && around !== structure.mappedGroups.get(task.id)) {
    return outputsOf(reference as never)
  }
  return reference['value']
}

function nodeOptions(task: DescribedTask, after: readonly string[], { declared }: Place): object {
  const targets = after.map((target) => {
    if (target.startsWith('@')) return declared.groups.get(target.slice(1))
    const [id = '', name] = target.split(':')
    const handle = declared.tasks.get(id)!
    return name === undefined ? handle : (handle as { case?(name: string): unknown }).case!(name)
  })
  return {
    ...(targets.length > 0 && { after: targets }),
    ...(task.rule !== 'all_success' && task.rule !== 'all_done_setup_success' && { triggerRule: task.rule }),
  }
}
