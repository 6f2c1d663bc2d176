import { CompileError } from './compile-error.ts'
import { compileBody } from './compile-body.ts'
import { resolveJump } from './context.ts'
import type { Step, StepBody } from '../../language/syntax.ts'
import type { Context, Holder } from './context.ts'
import type { CompiledStep, StepList } from './step.ts'

/** Compiles a `steps` list; its names become jump targets for everything inside. */
export function compileList(steps: readonly Step[], context: Context): StepList {
  const list: StepList = { steps: [], visible: context.scope.visible() }
  const names = new Map<string, number>()
  for (const [index, { name }] of steps.entries()) if (!names.has(name)) names.set(name, index)
  const inner: Context = { ...context, labels: { kind: 'list', list, names, outer: context.labels } }
  for (const { name, body, position = null } of steps) {
    list.steps.push(compileBodyStep(body, { name, position }, inner))
  }
  return list
}

/** Compiles one body as a step under its holder's name. */
export function compileBodyStep(body: StepBody, holder: Holder, context: Context): CompiledStep {
  const { name, position } = holder
  try {
    // The `next` of a switch is for when nothing matches, so it is the switch's own to follow.
    const next = body.kind === 'next' || body.kind === 'switch' || !('next' in body) ? undefined : body.next
    return {
      name,
      routine: context.routine,
      position,
      body: compileBody(body, holder, context),
      next: next === undefined ? undefined : resolveJump(next, context),
    }
  } catch (error) {
    if (!(error instanceof CompileError) || error.position !== null) throw error
    throw new CompileError(`error in step ${name}: ${error.message}`, position)
  }
}
