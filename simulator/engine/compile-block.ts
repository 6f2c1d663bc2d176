import { compileBodyStep, compileList } from './compile-steps.ts'
import type { Block, StepBody } from '../../language/syntax.ts'
import type { Context, Holder } from './context.ts'
import type { StepList } from './step.ts'

/**
 * A list of steps, or one inline body, which runs as a step under the name of the step that holds it. Its name
 * is no jump target: that stays the holder.
 */
export function compileBlock(body: Block | StepBody, holder: Holder, context: Context): StepList {
  if (body.kind === 'steps' && body.next === undefined) return compileList(body.steps, context)
  const step = compileBodyStep(body, holder, context)
  return { steps: [step], visible: context.scope.visible() }
}
