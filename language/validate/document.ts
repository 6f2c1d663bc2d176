import { expressionSource } from '../expression-text.ts'
import { limits, type Limit } from '../limits.ts'
import type { Step, StepBody, Subworkflow, Value } from '../syntax.ts'
import { refuse, type Build } from './place.ts'
import { stepListProblems } from './structure.ts'

/** Rules on the document as a whole and on the head of each subworkflow. */
export function checkDocument(build: Build, sourceBytes: number): void {
  const { name, value } = limits.sourceSize
  if (sourceBytes > value) {
    const message = `${name}: ${sourceBytes} bytes exceed the limit of ${value}`
    refuse(build, 'limit-exceeded', message, { line: 1, column: 1 })
  }
  if (!build.subworkflows.has('main')) refuse(build, 'missing-main', "there is no workflow 'main'")
  const seen = new Set<string>()
  for (const subworkflow of build.document.subworkflows) {
    if (seen.has(subworkflow.name)) {
      refuse(build, 'duplicate-name', `workflow '${subworkflow.name}' is defined twice`, subworkflow.position)
    }
    seen.add(subworkflow.name)
    checkParams(build, subworkflow)
    for (const problem of stepListProblems(subworkflow.steps)) {
      const message = `error in workflow ${subworkflow.name}: ${problem.message}`
      refuse(build, problem.code, message, problem.position ?? subworkflow.position)
    }
    if (build.readings.duplicateSteps === 'refused') checkStepNames(build, subworkflow)
  }
}

/** https://cloud.google.com/workflows/docs/reference/syntax/steps */
function checkStepNames(build: Build, subworkflow: Subworkflow): void {
  const seen = new Set<string>()
  for (const { name, position } of allSteps(subworkflow.steps)) {
    if (seen.has(name)) {
      const message = `error in workflow ${subworkflow.name}: step name '${name}' is used twice`
      refuse(build, 'duplicate-name', message, position ?? subworkflow.position)
    }
    seen.add(name)
  }
}

function* allSteps(steps: readonly Step[]): Generator<Step> {
  for (const step of steps) {
    yield step
    yield* stepsInside(step.body)
  }
}

function* stepsInside(body: StepBody): Generator<Step> {
  switch (body.kind) {
    case 'steps':
      yield* allSteps(body.steps)
      return
    case 'switch':
      for (const entry of body.conditions) yield* stepsInside(entry.body)
      return
    case 'for':
      yield* allSteps(body.loop.steps)
      return
    case 'parallel':
      for (const branch of body.branches ?? []) yield* allSteps(branch.steps)
      yield* allSteps(body.loop?.steps ?? [])
      return
    case 'try':
      yield* stepsInside(body.body)
      yield* allSteps(body.except?.steps ?? [])
      return
    default:
  }
}

function checkParams(build: Build, { name, params, position }: Subworkflow): void {
  const limit: Limit = name === 'main' ? limits.mainParams : limits.params
  if (params.length > limit.value) {
    const message = `error in workflow ${name}: ${limit.name}: ${params.length} exceeds the limit of ${limit.value}`
    refuse(build, 'limit-exceeded', message, position)
  }
  const seen = new Set<string>()
  for (const param of params) {
    if (seen.has(param.name)) {
      const message = `error in workflow ${name}: parameter '${param.name}' is defined twice`
      refuse(build, 'duplicate-name', message, param.position ?? position)
    }
    seen.add(param.name)
    if (param.default !== undefined && !isLiteral(param.default)) {
      const message = `error in workflow ${name}: the default of parameter '${param.name}' must be a literal`
      refuse(build, 'bad-default', message, param.position ?? position)
    }
  }
}

/** Text that reads as an expression cannot be written as a literal; trees that were parsed have none. */
function isLiteral(value: Value): boolean {
  switch (value.kind) {
    case 'expression':
      return false
    case 'string':
      return expressionSource(value.value) === undefined
    case 'list':
      return value.items.every(isLiteral)
    case 'map':
      return value.entries.every(
        ({ key, value: item }) =>
          typeof key === 'string' && expressionSource(key) === undefined && isLiteral(item),
      )
    default:
      return true
  }
}
