import {
  assign,
  block,
  expr,
  forEach,
  list,
  loopIn,
  map,
  nul,
  otherwise,
  raises,
  returns,
  step,
  str,
  bool,
  subworkflow,
  switchOn,
  when,
  type Subworkflow,
  type Value,
} from '../language.ts'

/** An error that a task of the workflow itself ends in; `settle` takes its words. A message as text is an expression. */
export function taskError(code: string | Value, message: string | Value, retryable = false): Value {
  return map({
    tags: list([str('TaskError')]),
    code: typeof code === 'string' ? str(code) : code,
    message: typeof message === 'string' ? expr(message) : message,
    retryable: bool(retryable),
  })
}

/** A value inside another one, by names and list indexes; null where there is none. */
export const valueAt: Subworkflow = subworkflow(
  'value_at',
  ['value', 'path'],
  [
    step(
      'follow_path',
      forEach(
        loopIn('key', expr('path'), [
          step(
            'go_in',
            switchOn([
              when('get_type(value) == "map"', assign({ value: expr('map.get(value, "" + key)') })),
              when(
                'get_type(value) == "list" and get_type(key) == "integer" and key < len(value)',
                assign({ value: expr('value[key]') }),
              ),
              otherwise(assign({ value: nul })),
            ]),
          ),
        ]),
      ),
    ),
    step('found', returns(expr('value'))),
  ],
  'A value inside another one, null where there is none.',
)

const kindOf = (value: string) =>
  `if(get_type(${value}) in ["integer", "double"], "number", get_type(${value}))`

/**
 * A comparison of values of one kind: texts and booleans for being the same, numbers for their order too. Null equals
 * null alone. What Workflows itself makes of other pairs is not documented, so they fail the task.
 */
export const compare: Subworkflow = subworkflow(
  'compare',
  ['left', 'comparison', 'right'],
  [
    step('look_at_kinds', assign({ kind: expr(kindOf('left')), other: expr(kindOf('right')) })),
    step(
      'compare_values',
      switchOn([
        when(
          'comparison in ["eq", "ne"] and "null" in [kind, other]',
          returns(expr('if(kind == other, comparison == "eq", comparison == "ne")')),
        ),
        when(
          'kind != other or not(kind in ["number", "string", "boolean"])',
          raises(taskError('incomparable', '"cannot compare " + kind + " with " + other')),
        ),
        when('comparison == "eq"', returns(expr('left == right'))),
        when('comparison == "ne"', returns(expr('left != right'))),
        when(
          'kind != "number"',
          raises(taskError('incomparable', '"cannot tell which " + kind + " is greater"')),
        ),
        when('comparison == "gt"', returns(expr('left > right'))),
        when('comparison == "gte"', returns(expr('left >= right'))),
        when('comparison == "lt"', returns(expr('left < right'))),
      ]),
    ),
    step('at_most', returns(expr('left <= right'))),
  ],
  'Whether a comparison holds; values of different kinds fail the task.',
)

/** The cases that a value names: a text or a list of texts. What is no case stands for `otherwise`, where there is one. */
export const chosenCases: Subworkflow = subworkflow(
  'chosen_cases',
  ['value', 'cases', 'otherwise'],
  [
    step(
      'list_values',
      switchOn([
        when('value == null', assign({ named: list([]), chosen: list([]) })),
        when('get_type(value) == "list"', assign({ named: expr('value'), chosen: list([]) })),
        otherwise(assign({ named: list([expr('value')]), chosen: list([]) })),
      ]),
    ),
    step(
      'look_at_values',
      forEach(
        loopIn('each', expr('named'), [
          step(
            'choose',
            switchOn([
              when('get_type(each) == "string" and each in cases', assign({ name: expr('each') })),
              when('otherwise != null or each == null', assign({ name: expr('otherwise') })),
              otherwise(
                raises(taskError('unknown_case', '"there is no case " + json.encode_to_string(each)')),
              ),
            ]),
          ),
          step(
            'add',
            switchOn([
              when(
                'name != null and not(name in chosen)',
                assign({ chosen: expr('list.concat(chosen, name)') }),
              ),
            ]),
          ),
        ]),
      ),
    ),
    step(
      'none_chosen',
      switchOn([
        when(
          'len(chosen) == 0 and otherwise != null',
          block([step('other', returns(list([expr('otherwise')])))]),
        ),
      ]),
    ),
    step('chosen', returns(expr('chosen'))),
  ],
  'The cases that a value names.',
)

/** What a person wrote, cut to a length; anything but a text is left out. */
export const textOrNull: Subworkflow = subworkflow(
  'text_or_null',
  ['value', 'most'],
  [
    step(
      'is_text',
      switchOn([when('get_type(value) == "string"', returns(expr('text.substring(value, 0, most)')))]),
    ),
    step('no_text', returns(nul)),
  ],
  'A text, cut to a length; null for anything else.',
)
