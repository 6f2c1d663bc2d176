import type { InputValue, TaskDefinition } from '../../dsl/index.ts'
import type { Mapping } from '../../dsl/mapping.ts'
import type { StepTask } from '../../dsl/task.ts'
import { mapRoutineName, routineName } from '../names.ts'
import type { RuleTests } from './decide.ts'
import { expandStep } from './helpers/expand-map.ts'
import { noEnds, noteSteps, resultStep, type RepeatedTask } from './instance-ends.ts'
import {
  assign,
  block,
  call,
  except,
  expr,
  goto,
  int,
  list,
  loopRange,
  map,
  nul,
  parallel,
  param,
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
import { quoted } from './value.ts'

/** A step task with a mapping. */
export type MappedTask = StepTask & { readonly mapping: Mapping }

export function isMapped(task: TaskDefinition): task is MappedTask {
  return task.kind === 'step' && task.mapping !== null
}

/** Writes an input where the results of tasks are: in `main`. */
type LowerInput = (value: InputValue) => Value

/** What is known of a mapped task where it is lowered. */
export interface MapPlace {
  readonly hasUpstream: boolean
  readonly tests: RuleTests
  /** Another task reads how its instances ended. */
  readonly isLookedAt: boolean
}

/**
 * The subworkflow of a mapped task: decide once, count the instances, run them side by side, and return what became of
 * them together. No error leaves it.
 */
export function mapRoutine(task: MappedTask, place: MapPlace): Subworkflow {
  const repeated: RepeatedTask = {
    id: task.id,
    result: 'result',
    ends: 'ends',
    isLookedAt: place.isLookedAt,
    group: null,
  }
  return subworkflow(
    mapRoutineName(task.id),
    [
      param('run'),
      ...(place.hasUpstream ? [param('upstream')] : []),
      ...(hasPartial(task) ? [param('input')] : []),
      param('lists'),
      param('known', nul),
    ],
    [
      step('start', assign({ count: int(0), error: nul, ends: noEnds })),
      step(
        'expand',
        tryBody(
          block([
            decideStep(task, place),
            expandStep(task.id, expandKind(task.mapping)),
            step(
              'look_at_count',
              switchOn([
                when('over.problem != null', returns(expr('over.problem'))),
                when(
                  'over.count == 0',
                  returns(map({ state: str('skipped'), tries: int(0), reason: str('the list is empty') })),
                ),
              ]),
            ),
            step('take_count', assign({ count: expr('over.count') })),
            instancesStep(task, repeated),
          ]),
          { except: lostInstances },
        ),
      ),
      resultStep('all_ended', repeated, task.mapping, 'whole'),
      step('whole', returns(expr('whole'))),
      ...(place.tests.notRun === null ? [] : notRunSteps(task, place)),
    ],
    `the instances of ${task.id}`,
  )
}

/** The workflow itself failed between instances: those that have ended keep their ends. */
export const lostInstances = except('e', [
  step('instances_lost', assign({ error: expr('text.substring(json.encode_to_string(e), 0, 1000)') })),
])

function notRunSteps({ id }: MappedTask, { hasUpstream, tests }: MapPlace): readonly Step[] {
  return [
    step(
      'settle',
      call('settle', {
        args: {
          run: expr('run'),
          task: str(`${id}/-1`),
          ...(hasUpstream && { upstream: expr('upstream') }),
          ...(tests.state !== null && { state: expr(tests.state) }),
        },
        result: 'ended',
      }),
    ),
    step('ended', returns(expr('ended'))),
  ]
}

function decideStep({ id }: MappedTask, { tests }: MapPlace): Step {
  const settled = map({
    state: expr(`run.known[${quoted(id)}]`),
    tries: int(0),
    reason: str('settled before this execution'),
  })
  return step(
    'decide',
    switchOn([
      // Known as a whole, by its id alone: nobody knows how many instances it would have had.
      when(`${quoted(id)} in run.known`, returns(settled)),
      ...(tests.notRun === null ? [] : [when(tests.notRun, goto('settle'))]),
    ]),
  )
}

function instancesStep(task: MappedTask, repeated: RepeatedTask): Step {
  const { maxConcurrent } = task.mapping
  const body = [
    step(
      'instance',
      call(routineName(task.id), {
        args: {
          run: expr('run'),
          input: instanceInput(task),
          task: expr(`${quoted(`${task.id}/`)} + string(index)`),
          known: expr(knownInstance('known')),
        },
        result: repeated.result,
      }),
    ),
    ...noteSteps(repeated, (name) => name),
  ]
  return step(
    'instances',
    parallel(loopRange('index', '[0, count - 1]', body), {
      shared: [repeated.ends],
      ...(maxConcurrent !== null && { concurrencyLimit: int(maxConcurrent) }),
    }),
  )
}

/** What is known of the instance at `index`, of which a variable tells for all instances; empty where it is to run. */
export function knownInstance(all: string): string {
  const among = (list: string) => `index in default(map.get(${all}, "${list}"), [])`
  const ended = `index < default(map.get(${all}, "count"), -1) and not(${among('again')})`
  return `if(${ended}, if(${among('skipped')}, "skipped", "success"), "")`
}

/** How `expand_map` counts. */
export function expandKind({ kind, fill }: Mapping): 'product' | 'zip' | 'longest' {
  if (kind === 'product') return 'product'
  return fill === null ? 'zip' : 'longest'
}

/** What `main` passes: the lists, and what all instances have in common. */
export function mapArguments(task: MappedTask, lower: LowerInput): Readonly<Record<string, Value>> {
  const lists = list(task.mapping.lists.map((each) => lower(each.list)))
  return { ...(hasPartial(task) && { input: partialValue(task, lower) }), lists }
}

/** Whether all instances have inputs in common, which `main` passes. */
function hasPartial({ input, mapping }: MappedTask): boolean {
  if (mapping.kind === 'items') return input.kind === 'map' && input.entries.length > 0
  return input.kind === 'map' && (input.entries.length > 0 || mapping.fill !== null)
}

/** The inputs in common, and what fills up shorter lists. */
function partialValue({ input, mapping }: MappedTask, lower: LowerInput): Value {
  const common = lower(input)
  if (mapping.fill === null || common.kind !== 'map') return common
  return map({ common, fill: lower(mapping.fill) })
}

function instanceInput(task: MappedTask): Value {
  const { input, mapping } = task
  const { lists, kind, fill } = mapping
  if (kind === 'items') {
    const item = expr('item_of(over.lists[0], index)')
    return hasPartial(task) ? map({ $merge: list([expr('input'), item]) }) : item
  }
  const common = input.kind === 'map' ? input.entries.map(({ key }) => key) : []
  const from = fill === null ? [] : ['common']
  return map([
    ...common.map((key) => [key, expr(`map.get(input, ${getter([...from, key])})`)] as const),
    ...lists.map(({ input: name }, position) => {
      const at = kind === 'product' ? productPosition(position, lists.length) : 'index'
      const filled = fill === null ? '' : `, map.get(input, "fill")`
      return [name ?? '', expr(`item_of(over.lists[${position}], ${at}${filled})`)] as const
    }),
  ])
}

/** The last list varies fastest, as in Airflow's `expand`. */
function productPosition(position: number, lists: number): string {
  const later = Array.from(
    { length: lists - position - 1 },
    (_, offset) => `over.lists[${position + 1 + offset}].length`,
  )
  const turn = later.length === 0 ? 'index' : `(index // (${later.join(' * ')}))`
  return position === 0 ? turn : `${turn} % over.lists[${position}].length`
}

function getter(keys: readonly string[]): string {
  return keys.length === 1 ? quoted(keys[0] ?? '') : `[${keys.map(quoted).join(', ')}]`
}
