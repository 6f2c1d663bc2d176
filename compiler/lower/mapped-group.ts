import type { TaskDefinition } from '../../dsl/index.ts'
import type { Mapping } from '../../dsl/mapping.ts'
import { refsOf } from '../../dsl/task-inputs.ts'
import type { GroupDefinition } from '../../dsl/task.ts'
import { indexBy } from '../graph/index-by.ts'
import { suppliersOf, type Repetitions } from '../graph/repetitions.ts'
import { mapRoutineName, resultName, routineName, uniqueNames, unitName } from '../names.ts'
import { chunks } from '../schedule/width.ts'
import { expandStep } from './helpers/expand-map.ts'
import { noEnds, noteSteps, resultStep, type RepeatedTask } from './instance-ends.ts'
import {
  assign,
  block,
  call,
  expr,
  goto,
  int,
  list,
  loopRange,
  map,
  nul,
  parallel,
  returns,
  step,
  str,
  subworkflow,
  switchOn,
  tryBody,
  when,
  type Step,
  type Subworkflow,
  type Value,
} from './language.ts'
import { expandKind, knownInstance, lostInstances } from './map.ts'
import { taskArguments } from './task-input.ts'
import { upstreamArgument } from './upstream-argument.ts'
import type { UpstreamText } from './upstream.ts'
import { lowerInput, quoted } from './value.ts'

/** https://cloud.google.com/workflows/quotas: assignments in one step. */
const mostAssignments = 50

/** A mapped group with what is known of it where it is lowered. */
export interface MappedGroup {
  readonly path: string
  readonly mapping: Mapping
  /** In an order in which every task comes after those that it waits for. */
  readonly members: readonly TaskDefinition[]
  readonly upstream: ReadonlyMap<string, UpstreamText>
  readonly repetitions: Repetitions
}

type Naming = (name: string) => string

/** What is known of the instances of a task. */
function knownName(task: string): string {
  return `known_${task}`
}

/** The mapped groups of a DAG that hold tasks, by path. */
export function mappedGroupsOf(
  groups: readonly GroupDefinition[],
  members: readonly TaskDefinition[],
  upstream: ReadonlyMap<string, UpstreamText>,
  repetitions: Repetitions,
): ReadonlyMap<string, MappedGroup> {
  const byGroup = indexBy(members, ({ id }) => repetitions.groupOf(id) ?? '')
  return new Map(
    groups.flatMap(({ path, mapping }) => {
      const own = byGroup.get(path) ?? []
      return mapping === null || own.length === 0
        ? []
        : [[path, { path, mapping, members: own, upstream, repetitions }] as const]
    }),
  )
}

/**
 * The subworkflow of a mapped group: per index its tasks one after another, each deciding by the states of that index.
 * Without instances every task decides once, with `<group>:empty` in its text, which keeps it from running. Returns what
 * became of each task, by its id; no error leaves it.
 */
export function groupRoutine(group: MappedGroup, isLookedAt: (task: string) => boolean): Subworkflow {
  const { path, mapping, members } = group
  const name = uniqueNames(members.map(({ id }) => id))
  const repeated = members.map(({ id }): RepeatedTask => ({
    id,
    result: resultName(id),
    ends: `ends_${id}`,
    isLookedAt: isLookedAt(id),
    group: { countsFailures: mapping.tolerateFailed.value > 0 },
  }))
  const instances = name('instances')
  return subworkflow(
    mapRoutineName(path),
    ['run', 'above', 'lists', 'ready', 'known'],
    [
      ...startSteps(group, repeated, name),
      step(
        name('expand'),
        tryBody(
          block([
            step(name('look_at_ready'), switchOn([when('not(ready)', goto(instances))])),
            expandStep(unitName(path), expandKind(mapping), name('expand_lists')),
            lookAtCount(members, name),
            instancesStep(group, repeated, instances, name),
          ]),
          { except: lostInstances },
        ),
      ),
      ...repeated.map((each) => resultStep(name(`all_${each.id}`), each, mapping, `whole_${each.id}`)),
      step(name('whole'), returns(map(members.map(({ id }) => [id, expr(`whole_${id}`)] as const)))),
    ],
    `the instances of group ${path}`,
  )
}

/** As long as there are no instances, the span is a single index that none has. */
function startSteps(group: MappedGroup, repeated: readonly RepeatedTask[], name: Naming): readonly Step[] {
  const all: (readonly [string, Value])[] = [
    ['count', int(0)],
    ['first', int(-1)],
    ['last', int(-1)],
    ['mark', str(`, ${unitName(group.path)}:empty`)],
    ['error', nul],
    ['over', map({ lists: list([map({ items: nul, length: int(0) })]) })],
    ...(group.mapping.tolerateFailed.value > 0 ? [['bad', list([])] as const] : []),
    ['none', noEnds],
    ...repeated.map(({ ends }) => [ends, expr('none')] as const),
    ...repeated.map(({ id }) => [knownName(id), expr(`map.get(known, ${quoted(id)})`)] as const),
    ...resultsAbove(group).map(({ id }) => [resultName(id), expr(`above.${id}`)] as const),
  ]
  return chunks(all, mostAssignments).map((part) => step(name('start'), assign(part)))
}

function lookAtCount(members: readonly TaskDefinition[], name: Naming): Step {
  return step(
    name('look_at_count'),
    switchOn([
      when(
        'over.problem != null',
        returns(map(members.map(({ id }) => [id, expr('over.problem')] as const))),
      ),
      when(
        'over.count > 0',
        assign({
          count: expr('over.count'),
          first: int(0),
          last: expr('over.count - 1'),
          mark: str(''),
        }),
      ),
    ]),
  )
}

function instancesStep(
  group: MappedGroup,
  repeated: readonly RepeatedTask[],
  instances: string,
  name: Naming,
): Step {
  const { mapping, members } = group
  const readsItem = members.some((task) => refsOf(task).some(({ source }) => source.kind === 'item'))
  const body = [
    ...(readsItem ? [step(name('take_item'), assign({ item: expr('item_of(over.lists[0], index)') }))] : []),
    ...repeated.flatMap((each) => memberSteps(group, each, name)),
  ]
  return step(
    instances,
    parallel(loopRange('index', '[first, last]', body), {
      shared: [...repeated.map(({ ends }) => ends), ...(mapping.tolerateFailed.value > 0 ? ['bad'] : [])],
      ...(mapping.maxConcurrent !== null && { concurrencyLimit: int(mapping.maxConcurrent) }),
    }),
  )
}

function memberSteps(group: MappedGroup, repeated: RepeatedTask, name: Naming): readonly Step[] {
  const { id, result } = repeated
  const { members, upstream, repetitions } = group
  const task = members.find((each) => each.id === id)
  const parts = upstream.get(id)?.parts ?? []
  const above = upstreamArgument(id, parts, name)
  const marked =
    above.value?.kind === 'expression'
      ? expr(`${above.value.source} + mark`)
      : expr('text.replace_all(mark, ", ", "")')
  return [
    ...above.steps,
    step(
      id,
      call(routineName(id), {
        args: {
          run: expr('run'),
          upstream: marked,
          ...(task && taskArguments(task, (source) => repetitions.isRepeated(source, id))),
          task: expr(`${quoted(`${id}/`)} + string(index)`),
          known: expr(knownInstance(knownName(id))),
        },
        result,
      }),
    ),
    ...noteSteps(repeated, (text) => name(`${text}_${id}`)),
  ]
}

/** Tasks outside of the group whose results its tasks look at, and whether they read outputs. */
function resultsAbove({ members, upstream, repetitions }: MappedGroup): readonly {
  readonly id: string
  readonly withOutput: boolean
}[] {
  const inside = new Set(members.map(({ id }) => id))
  const decided = members.flatMap(({ id }) => upstream.get(id)?.sources ?? [])
  const read = members.flatMap((member) =>
    refsOf(member).flatMap(({ source }) => (source.kind === 'task' ? [source.task] : [])),
  )
  const counted = members.flatMap((member) =>
    refsOf(member).flatMap(({ source }) => (source.kind === 'outcomes' ? [source.task] : [])),
  )
  const ids = new Set([...decided, ...read, ...counted].filter((id) => !inside.has(id)))
  return [...ids].map((id) => ({
    id,
    withOutput: read.includes(id) && repetitions.mappingOf(id) === null,
  }))
}

/** What `main` passes to a mapped group: what its tasks look at, the list, and whether that was given. */
export function groupArguments(group: MappedGroup): Readonly<Record<string, Value>> {
  const { mapping, repetitions } = group
  const isRepeated = (task: string) => repetitions.mappingOf(task) !== null
  const ready = suppliersOf(mapping).map((id) =>
    isRepeated(id) ? `"parts" in ${resultName(id)}` : `${resultName(id)}.state == "success"`,
  )
  const above = resultsAbove(group).map(({ id, withOutput }) => {
    const result = resultName(id)
    return [id, expr(withOutput ? result : `map.delete(${result}, "output")`)] as const
  })
  return {
    above: map(above),
    lists: list(mapping.lists.map((each) => lowerInput(each.list, 'step', isRepeated))),
    ready: expr(ready.length === 0 ? 'true' : ready.join(' and ')),
    known: expr('map.get(args, "instances")'),
  }
}
