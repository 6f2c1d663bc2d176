import {
  block,
  except,
  expr,
  int,
  map,
  returns,
  step,
  str,
  tryBody,
  type Step,
  type Value,
} from '../language.ts'

/**
 * Steps whose own errors become a failed task: what settles a task must not raise, or the tasks beside it would be lost.
 * `wrap` puts the result into the shape that the caller expects.
 */
export function settled(
  name: string,
  body: readonly Step[],
  wrap: (result: Value) => Value = (result) => result,
): readonly Step[] {
  const error = map({
    code: str('workflow_error'),
    message: expr('text.substring(json.encode_to_string(e), 0, 1000)'),
  })
  const result = map({ state: str('failed'), tries: int(0), error })
  return [
    step(name, tryBody(block(body), { except: except('e', [step('not_settled', returns(wrap(result)))]) })),
  ]
}
