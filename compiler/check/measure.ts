import type { Block, Expression, Step, StepBody, Value, WorkflowDocument } from '../../language/index.ts'

/** The largest of everything that Workflows limits in a source. */
export interface Measures {
  readonly assignments: number
  readonly conditions: number
  readonly expression: number
  readonly branches: number
  readonly depth: number
  readonly params: number
}

const nothing: Measures = { assignments: 0, conditions: 0, expression: 0, branches: 0, depth: 0, params: 0 }

/** Measures a document. Depth counts `parallel` steps within `parallel` steps of one routine. */
export function measure(document: WorkflowDocument): Measures {
  return document.subworkflows.reduce<Measures>(
    (all, { params, steps }) =>
      largest(all, largest(measureSteps(steps), { ...nothing, params: params.length })),
    nothing,
  )
}

function measureSteps(steps: readonly Step[]): Measures {
  return steps.map((step) => measureBody(step.body)).reduce(largest, nothing)
}

function measureBody(body: StepBody | Block): Measures {
  switch (body.kind) {
    case 'assign':
      return largest(ofValues(body.assignments.map((item) => item.value)), {
        ...nothing,
        assignments: body.assignments.length,
      })
    case 'call':
      return body.args ? ofValues([body.args]) : nothing
    case 'switch':
      return body.conditions
        .map((entry) => largest(ofValues([entry.condition]), measureBody(entry.body)))
        .reduce(largest, { ...nothing, conditions: body.conditions.length })
    case 'for':
      return largest(measureSteps(body.loop.steps), ofValues([body.loop.in, body.loop.range]))
    case 'parallel':
      return measureParallel(body)
    case 'try': {
      const retry = body.retry?.kind === 'retry' ? Object.values(body.retry).filter(isValue) : []
      return [measureBody(body.body), measureSteps(body.except?.steps ?? []), ofValues(retry)].reduce(largest)
    }
    case 'raise':
    case 'return':
      return ofValues([body.value])
    case 'steps':
      return measureSteps(body.steps)
    case 'next':
      return nothing
  }
}

function measureParallel(body: Extract<StepBody, { kind: 'parallel' }>): Measures {
  const inner = measureSteps(body.loop?.steps ?? body.branches?.flatMap((branch) => branch.steps) ?? [])
  return { ...inner, depth: inner.depth + 1, branches: Math.max(inner.branches, body.branches?.length ?? 0) }
}

function ofValues(values: readonly (Value | undefined)[]): Measures {
  return {
    ...nothing,
    expression: Math.max(0, ...values.map((value) => (value ? longestExpression(value) : 0))),
  }
}

function longestExpression(value: Value): number {
  switch (value.kind) {
    case 'expression':
      // Whether `${}` counts is not documented: it is counted.
      return value.source.length + 3
    case 'list':
      return Math.max(0, ...value.items.map(longestExpression))
    case 'map':
      return Math.max(0, ...value.entries.map((entry) => longestExpression(entry.value)))
    default:
      return 0
  }
}

function isValue(value: unknown): value is Value & { readonly expression?: Expression } {
  return typeof value === 'object' && value !== null && 'kind' in value
}

function largest(a: Measures, b: Measures): Measures {
  return {
    assignments: Math.max(a.assignments, b.assignments),
    conditions: Math.max(a.conditions, b.conditions),
    expression: Math.max(a.expression, b.expression),
    branches: Math.max(a.branches, b.branches),
    depth: Math.max(a.depth, b.depth),
    params: Math.max(a.params, b.params),
  }
}
