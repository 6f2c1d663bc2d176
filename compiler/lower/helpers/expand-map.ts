import {
  assign,
  call,
  expr,
  forEach,
  goto,
  int,
  list,
  loopIn,
  map,
  nul,
  otherwise,
  param,
  returns,
  step,
  str,
  subworkflow,
  switchOn,
  when,
  type Step,
  type Subworkflow,
} from '../language.ts'
import { logStep } from './log.ts'

/** What a run's memory, its history and the lists of failed instances are made for. */
export const mostInstances = 1000

/**
 * A list with its length: the list itself, or the reference that a step will resolve; `length` is null for what is no
 * list. A value within a field that stands in storage is one whose length only the step could tell.
 */
export const listOf: Subworkflow = subworkflow(
  'list_of',
  ['value'],
  [
    step('start', assign({ inner: expr('value'), path: list([]), length: nul })),
    step(
      'kind',
      switchOn([
        when('get_type(value) == "list"', returns(map({ items: expr('value'), length: expr('len(value)') }))),
        when('get_type(value) != "map"', goto('no_list')),
        when('"$map" in value', assign({ length: expr('value["$count"]') }, { next: 'stored' })),
        when('"$output" in value', assign({ length: expr('map.get(value, "$length")') }, { next: 'stored' })),
        when('not("$path" in value)', goto('no_list')),
      ]),
    ),
    step('selection', assign({ inner: expr('value["$value"]'), path: expr('value["$path"]') })),
    step('walk', forEach(loopIn('key', expr('path'), [follow()]))),
    step(
      'selected',
      switchOn([
        when('get_type(inner) == "list"', returns(map({ items: expr('inner'), length: expr('len(inner)') }))),
      ]),
    ),
    step('no_list', returns(map({ items: nul, length: nul }))),
    step('stored', returns(map({ items: expr('value'), length: expr('length') }))),
  ],
  'A list with its length, which is null for what is no list.',
)

/** One step of a path; what it does not lead to is null. */
function follow(): Step {
  return step(
    'follow',
    switchOn([
      when('get_type(key) == "string"', assign({ inner: expr('map.get(inner, key)') })),
      when('get_type(inner) != "list"', assign({ inner: nul })),
      when('key < len(inner)', assign({ inner: expr('inner[key]') })),
      otherwise(assign({ inner: nul })),
    ]),
  )
}

/** An item of a list of `list_of`: itself, or the reference by which a step finds it. */
export const itemOf: Subworkflow = subworkflow(
  'item_of',
  [param('list'), param('position'), param('fill', nul)],
  [
    step(
      'inline',
      switchOn([
        when('position < 0 or position >= list.length', returns(expr('fill'))),
        when('get_type(list.items) == "list"', returns(expr('list.items[position]'))),
      ]),
    ),
    step('stored', returns(map({ $value: expr('list.items'), $path: list([expr('position')]) }))),
  ],
  'An item of a list, or the reference by which a step finds it.',
)

/**
 * The lists that a task or a group is mapped over, measured, and the number of instances that they make: the product of
 * the lengths, the shortest of them (`zip`), or the longest (`longest`). `problem` is the result where there is none.
 */
export const expandMap: Subworkflow = subworkflow(
  'expand_map',
  ['run', 'task', 'lists', 'kind'],
  [
    step('start', assign({ sized: list([]), count: expr('if(kind == "product", 1, -1)') })),
    step(
      'measure',
      forEach(
        loopIn('value', expr('lists'), [
          step(
            'measure_one',
            assign({ one: expr('list_of(value)'), sized: expr('list.concat(sized, one)') }),
          ),
          step(
            'combine',
            switchOn([
              when('one.length == null', assign({ count: nul }, { next: 'break' })),
              // Beyond the limit it does not matter by how much, unless another list is empty.
              when(
                'kind == "product"',
                assign({ count: expr(`math.min(count * one.length, ${mostInstances + 1})`) }),
              ),
              when('kind == "longest"', assign({ count: expr('math.max(count, one.length)') })),
              otherwise(assign({ count: expr('if(count < 0, one.length, math.min(count, one.length))') })),
            ]),
          ),
        ]),
      ),
    ),
    step(
      'judge',
      switchOn([
        when(
          'count == null',
          assign({
            code: str('not_a_list'),
            message: expr('"list " + string(len(sized)) + " is no list, or stands within a large field"'),
          }),
        ),
        when(
          `count > ${mostInstances}`,
          assign({
            code: str('map_too_long'),
            message: str(`more than ${mostInstances} instances: map over batches`),
          }),
        ),
        otherwise(returns(map({ count: expr('count'), lists: expr('sized'), problem: nul }))),
      ]),
    ),
    logStep('log_failure', 'ERROR', { state: str('failed'), code: expr('code'), message: expr('message') }),
    step(
      'not_expanded',
      returns(
        map({
          count: int(0),
          lists: list([]),
          problem: map({
            state: str('failed'),
            tries: int(0),
            error: map({ code: expr('code'), message: expr('message') }),
          }),
        }),
      ),
    ),
  ],
  'The lists that something is mapped over, and the number of instances that they make.',
)

/** The call of `expand_map`, into `over`. */
export function expandStep(task: string, kind: string, name = 'expand_lists'): Step {
  return step(
    name,
    call('expand_map', {
      args: { run: expr('run'), task: str(`${task}/-1`), lists: expr('lists'), kind: str(kind) },
      result: 'over',
    }),
  )
}
