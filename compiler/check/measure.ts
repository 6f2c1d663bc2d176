import type { Block, Step, StepBody, Value, WorkflowDocument } from '../../language/tree.ts'
import { limits } from '../../language/tree.ts'
import type { Expression } from '../../language/expression/syntax.ts'

/** The largest of something, and the workflow step where it stands. */
interface Largest {
  readonly value: number
  /** `subworkflow.step` */
  readonly place: string
}

/** What Workflows limits in the text of a source. */
type Measured =
  | 'assignments'
  | 'conditions'
  | 'expressionLength'
  | 'branches'
  | 'stringLength'
  | 'params'
  | 'parallelDepth'
  | 'callDepth'

export type Measures = Readonly<Record<Measured, Largest>>

/**
 * Measures a document. Depths count what subworkflows add where they are called: of `parallel` steps within each other, and
 * of calls, `main` being the first.
 */
export function measure(document: WorkflowDocument): Measures {
  const found = new Map<Measured, Largest>()
  const note = (what: Measured, value: number, place: string) => {
    if (value > (found.get(what)?.value ?? 0)) found.set(what, { value, place })
  }
  const depths = new Map<string, Depths>()
  const bodies = new Map(document.subworkflows.map((subworkflow) => [subworkflow.name, subworkflow]))
  const depthsOf = (name: string): Depths => {
    const known = depths.get(name)
    if (known !== undefined) return known
    const subworkflow = bodies.get(name)
    if (subworkflow === undefined) return { calls: 0, parallel: 0 }
    // One that calls itself would never end; the compiler writes none.
    depths.set(name, { calls: 1, parallel: 0 })
    note('params', subworkflow.params.length, name)
    const inner = deepest(subworkflow.steps.map((step) => ofStep(step, `${name}.${step.name}`)))
    const own = { calls: inner.calls + 1, parallel: inner.parallel }
    depths.set(name, own)
    return own
  }
  const ofStep = ({ body }: Step, place: string): Depths => ofBody(body, place)
  const ofSteps = (steps: readonly Step[], place: string): Depths =>
    deepest(steps.map((step) => ofStep(step, `${place.split('.')[0] ?? ''}.${step.name}`)))
  const ofBody = (body: StepBody | Block, place: string): Depths => {
    const of = (...values: readonly (Value | undefined)[]) =>
      deepest(values.map((value) => (value ? ofValue(value, place) : flat)))
    switch (body.kind) {
      case 'assign':
        note('assignments', body.assignments.length, place)
        return of(...body.assignments.map(({ value }) => value))
      case 'call':
        return deepest([of(body.args), depthsOf(body.callee)])
      case 'switch':
        note('conditions', body.conditions.length, place)
        return deepest(body.conditions.flatMap((entry) => [of(entry.condition), ofBody(entry.body, place)]))
      case 'for':
        return deepest([of(body.loop.in, body.loop.range), ofSteps(body.loop.steps, place)])
      case 'parallel': {
        note('branches', body.branches?.length ?? 0, place)
        const loop = body.loop ? [of(body.loop.in, body.loop.range), ofSteps(body.loop.steps, place)] : []
        const inner = deepest([
          ...loop,
          ...(body.branches ?? []).map((branch) => ofSteps(branch.steps, place)),
        ])
        note('parallelDepth', inner.parallel + 1, place)
        return { calls: inner.calls, parallel: inner.parallel + 1 }
      }
      case 'try':
        return deepest([
          ofBody(body.body, place),
          ofSteps(body.except?.steps ?? [], place),
          of(...Object.values(body.retry ?? {}).filter(isValue)),
        ])
      case 'raise':
      case 'return':
        return of(body.value)
      case 'steps':
        return ofSteps(body.steps, place)
      case 'next':
        return flat
    }
  }
  const ofValue = (value: Value, place: string): Depths => {
    switch (value.kind) {
      case 'expression':
        // Whether `${}` counts is not documented: it is counted.
        note('expressionLength', value.source.length + 3, place)
        return deepest(callsIn(value.expression).map(depthsOf))
      case 'string':
        note('stringLength', Buffer.byteLength(value.value), place)
        return flat
      case 'list':
        return deepest(value.items.map((item) => ofValue(item, place)))
      case 'map':
        return deepest(value.entries.map((entry) => ofValue(entry.value, place)))
      default:
        return flat
    }
  }
  const { calls } = depthsOf('main')
  note('callDepth', calls, 'main')
  const none: Largest = { value: 0, place: 'main' }
  const of = (what: Measured) => found.get(what) ?? none
  return {
    assignments: of('assignments'),
    conditions: of('conditions'),
    expressionLength: of('expressionLength'),
    branches: of('branches'),
    stringLength: of('stringLength'),
    params: of('params'),
    parallelDepth: of('parallelDepth'),
    callDepth: of('callDepth'),
  }
}

interface Depths {
  readonly calls: number
  readonly parallel: number
}

const flat: Depths = { calls: 0, parallel: 0 }

function deepest(all: readonly Depths[]): Depths {
  let [calls, parallel] = [0, 0]
  for (const depths of all) {
    calls = Math.max(calls, depths.calls)
    parallel = Math.max(parallel, depths.parallel)
  }
  return { calls, parallel }
}

/** Names that an expression calls: subworkflows among them, functions of modules not. */
function callsIn(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case 'call': {
      const { callee, args } = expression
      return [...(callee.kind === 'name' ? [callee.name] : []), ...args.flatMap(callsIn)]
    }
    case 'list':
      return expression.items.flatMap(callsIn)
    case 'member':
      return callsIn(expression.target)
    case 'index':
      return [...callsIn(expression.target), ...callsIn(expression.index)]
    case 'unary':
      return callsIn(expression.operand)
    case 'binary':
      return [...callsIn(expression.left), ...callsIn(expression.right)]
    default:
      return []
  }
}

function isValue(value: unknown): value is Value {
  return typeof value === 'object' && value !== null && 'kind' in value
}

/** How far a limit is used, by its name in `limits`. */
export const measuredLimits = {
  assignments: limits.assignments,
  conditions: limits.conditions,
  expressionLength: limits.expressionLength,
  branches: limits.branches,
  parallelDepth: limits.parallelDepth,
  params: limits.params,
  callDepth: limits.callDepth,
  stringLength: limits.stringLength,
} as const
