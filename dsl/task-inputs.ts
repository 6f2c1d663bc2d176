import { valuesOf } from './condition.ts'
import { refsIn, type InputValue } from './input.ts'
import type { RefPath } from './ref.ts'
import type { HttpRequest, SensorCondition, TaskDefinition } from './task.ts'

/** Everything that a task reads when it runs, its mapped lists included. */
export function inputsOf(task: TaskDefinition): readonly InputValue[] {
  switch (task.kind) {
    case 'step':
      return [
        task.input,
        ...(task.mapping?.lists.map(({ list }) => list) ?? []),
        ...given(task.mapping?.fill),
      ]
    case 'http':
      return requestInputs(task.request)
    case 'sensor':
      return sensorInputs(task.condition)
    case 'trigger':
      return [task.params, ...given(task.logicalDate)]
    case 'branch':
      return task.choice.kind === 'value'
        ? [task.choice.on]
        : task.choice.cases.flatMap(({ condition }) => valuesOf(condition))
    case 'short_circuit':
      return valuesOf(task.condition)
    case 'model':
    case 'approval':
    case 'empty':
      return []
  }
}

/** Every reference that a task makes. */
export function refsOf(task: TaskDefinition): readonly RefPath[] {
  return inputsOf(task).flatMap(refsIn)
}

function requestInputs({ target, query, headers, body }: HttpRequest): readonly InputValue[] {
  const address = target.kind === 'service' ? target.path : target.url
  return [address, ...given(query), ...given(headers), ...given(body)]
}

function sensorInputs(condition: SensorCondition): readonly InputValue[] {
  switch (condition.kind) {
    case 'object':
      return [...given(condition.bucket), condition.object]
    case 'partition':
      return [condition.partition]
    case 'http':
      return [...requestInputs(condition.request), ...(condition.until ? valuesOf(condition.until) : [])]
  }
}

function given(value: InputValue | null | undefined): readonly InputValue[] {
  return value === null || value === undefined ? [] : [value]
}
