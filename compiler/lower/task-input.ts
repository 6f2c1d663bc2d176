import type { TaskDefinition } from '../../dsl/index.ts'
import { inputsOf } from '../../dsl/task-inputs.ts'
import { operandsOf, operandValues } from './condition.ts'
import { map, type Value } from './language.ts'
import { requestInput } from './request.ts'
import { lowerInput } from './value.ts'

/** What `main` hands over to a task, evaluated there; null where the task is given nothing. It never raises. */
export function taskInput(task: TaskDefinition): Value | null {
  switch (task.kind) {
    case 'step':
      return lowerInput(task.input)
    case 'branch':
      if (task.choice.kind === 'value') return lowerInput(task.choice.on, 'workflow')
      return mapOf(operandValues(operandsOf(inputsOf(task))))
    case 'short_circuit':
      return mapOf(operandValues(operandsOf(inputsOf(task))))
    case 'http':
      return mapOf(requestInput(task.request))
    default:
      return null
  }
}

function mapOf(values: readonly (readonly [string, Value])[]): Value | null {
  return values.length === 0 ? null : map(values)
}
