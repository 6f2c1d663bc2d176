import { compileAssign } from './steps/assign.ts'
import { compileCall } from './steps/call.ts'
import { compileFor } from './steps/for.ts'
import { compileNext, compileRaise, compileReturn, compileSteps } from './steps/flow.ts'
import { compileParallel } from './steps/parallel.ts'
import { compileSwitch } from './steps/switch.ts'
import { compileTry } from './steps/try.ts'
import type { StepBody } from '../../language/syntax.ts'
import type { Context, Holder } from './context.ts'
import type { CompiledBody } from './step.ts'

/** One body of a step. */
export function compileBody(body: StepBody, holder: Holder, context: Context): CompiledBody {
  switch (body.kind) {
    case 'assign':
      return compileAssign(body, context)
    case 'call':
      return compileCall(body, context)
    case 'switch':
      return compileSwitch(body, holder, context)
    case 'for':
      return compileFor(body, holder, context)
    case 'parallel':
      return compileParallel(body, holder, context)
    case 'try':
      return compileTry(body, holder, context)
    case 'raise':
      return compileRaise(body, context)
    case 'return':
      return compileReturn(body, context)
    case 'steps':
      return compileSteps(body, context)
    case 'next':
      return compileNext(body, context)
  }
}
