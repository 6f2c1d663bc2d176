import { outputBytes } from '../input-size.ts'
import {
  assign,
  expr,
  forEach,
  goto,
  json,
  list,
  loopIn,
  map,
  otherwise,
  raises,
  returns,
  step,
  subworkflow,
  switchOn,
  when,
  type Subworkflow,
} from '../language.ts'
import { taskError } from './values.ts'

/** More items than this are not looked at one by one; no output has room for them. */
const mostItems = 500

/** base64 has four characters for every three bytes; `len` alone counts characters. */
const longestEncoded = Math.ceil(outputBytes / 3) * 4

/** What is kept of a value: the fields that a shape names, of maps in it and of maps in lists in it too. */
export const picked: Subworkflow = subworkflow(
  'picked',
  ['value', 'shape'],
  [
    step(
      'look_at_shape',
      switchOn([
        when('get_type(value) == "map" and get_type(shape) == "map"', goto('pick_fields')),
        when('get_type(value) == "list" and get_type(shape) == "list"', goto('pick_items')),
        otherwise(returns(expr('value'))),
      ]),
    ),
    step('pick_fields', assign({ fields: json({}) })),
    step(
      'each_field',
      forEach(
        loopIn('name', expr('keys(shape)'), [
          step(
            'pick_field',
            switchOn([
              when('name in value', assign({ 'fields[name]': expr('picked(value[name], shape[name])') })),
            ]),
          ),
        ]),
      ),
    ),
    step('fields_picked', returns(expr('fields'))),
    step(
      'pick_items',
      switchOn([
        when(
          `len(value) > ${mostItems}`,
          raises(taskError('output_too_large', `"the answer has a list of " + len(value) + " items"`)),
        ),
        otherwise(assign({ items: list([]) })),
      ]),
    ),
    step(
      'each_item',
      forEach(
        loopIn('item', expr('value'), [
          step('pick_item', assign({ items: expr('list.concat(items, picked(item, shape[0]))') })),
        ]),
      ),
    ),
    step('items_picked', returns(expr('items'))),
  ],
  'What is kept of a value.',
)

/** The output of an HTTP task: its status, and the fields of the answer that the schema names. */
export const answerOutput: Subworkflow = subworkflow(
  'answer_output',
  ['response', 'shape', 'required'],
  [
    step(
      'look_at_status',
      switchOn([
        when(
          'response.code >= 300',
          raises(
            taskError(expr('"http_" + response.code'), '"the service answered with status " + response.code'),
          ),
        ),
      ]),
    ),
    step(
      'look_at_body',
      switchOn([
        when('get_type(response.body) == "map"', assign({ body: expr('response.body') })),
        otherwise(assign({ body: json({}) })),
      ]),
    ),
    step(
      'look_for_fields',
      forEach(
        loopIn('name', expr('required'), [
          step(
            'look_for_field',
            switchOn([
              when(
                'not(name in body)',
                raises(taskError('unexpected_response', '"the answer has no field " + name')),
              ),
            ]),
          ),
        ]),
      ),
    ),
    step(
      'keep_fields',
      assign([
        ['output', map({ status: expr('response.code'), body: expr('picked(body, shape)') })],
        ['size', expr('len(base64.encode(json.encode(output)))')],
      ]),
    ),
    step(
      'look_at_size',
      switchOn([
        when(
          `size > ${longestEncoded}`,
          raises(
            taskError(
              'output_too_large',
              `"the output takes " + size * 3 // 4 + " of ${outputBytes} bytes: name fewer fields in response"`,
            ),
          ),
        ),
      ]),
    ),
    step('output', returns(expr('output'))),
  ],
  'The output of a request: the fields of its answer that are asked for.',
)

/** A map without the keys whose value is null: parameters and headers that are not given. */
export const withoutNulls: Subworkflow = subworkflow(
  'without_nulls',
  ['given'],
  [
    step('start', assign({ rest: json({}) })),
    step(
      'each_key',
      forEach(
        loopIn('key', expr('keys(given)'), [
          step(
            'look_at_value',
            switchOn([when('given[key] != null', assign({ 'rest[key]': expr('given[key]') }))]),
          ),
        ]),
      ),
    ),
    step('rest', returns(expr('rest'))),
  ],
  'A map without what is null in it.',
)
