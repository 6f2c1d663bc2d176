import type { ShortCircuitTask } from '../../../dsl/index.ts'
import { inputsOf } from '../../../dsl/task-inputs.ts'
import { operandsOf, testSteps } from '../condition.ts'
import { expr, map, returns, step, str, switchOn, when } from '../language.ts'
import type { Work } from '../routine.ts'

/** A short circuit: a success either way; `verdict` is there where its condition does not hold. */
export function shortCircuitWork(task: ShortCircuitTask): Work {
  const success = { state: str('success'), tries: expr('run.try') }
  const operands = operandsOf(inputsOf(task))
  return {
    steps: [
      ...testSteps('test', [['holds', task.condition]], operands),
      step('closed', switchOn([when('not(holds)', returns(map({ ...success, verdict: str('excluded') })))])),
      step('open', returns(map(success))),
    ],
    hasInput: operands.entries.length > 0,
    idempotent: true,
  }
}
