import { compileAssign } from './steps/assign.ts'
import { compileCall } from './steps/call.ts'
import { compileFor } from './steps/for.ts'
import { compileNext, compileRaise, compileReturn, compileSteps } from './steps/flow.ts'
import { compileParallel } from './steps/parallel.ts'
import { compileSwitch } from './steps/switch.ts'
import { compileTry } from './steps/try.ts'
import type { StepBody } from '../../language/syntax.ts'
import type { Context } from './context.ts'
import type { CompiledBody } from './step.ts'

/** One step's body; `name` is the step's. */
export function compileBody(body: StepBody, name: string, context: Context): CompiledBody {
  switch (body.kind) {
    case 'assign':
      return compileAssign(body, context)
    case 'call':
      return compileCall(body, context)
    case 'switch':
      return compileSwitch(body, name, context)
    case 'for':
      return compileFor(body, name, context)
    case 'parallel':
      return compileParallel(body, name, context)
    case 'try':
      return compileTry(body, name, context)
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
