import { call, expr, step, type Step, type Value } from './language.ts'

/**
 * Writes the ledger's entry of a task that no container wrote a result for: what a rerun finds instead of running it
 * again. It takes a moment, so that it may stand in a helper; what a task waits for stands in its own subworkflow.
 */
export function keepResultStep(output?: Value): Step {
  return step(
    'keep_result',
    call('keep_result', {
      args: { run: expr('run'), task: expr('task'), ...(output && { output }) },
    }),
  )
}
