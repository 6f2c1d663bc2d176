import type { TaskDefinition } from '../../dsl/index.ts'
import { inputsOf } from '../../dsl/task-inputs.ts'
import { operandsOf, operandValues } from './condition.ts'
import { map, type Value } from './language.ts'
import { lowerInput } from './value.ts'

/** What `main` hands over to a task, evaluated there; null where the task is given nothing. It never raises. */
export function taskInput(task: TaskDefinition): Value | null {
  switch (task.kind) {
    case 'step':
      return lowerInput(task.input)
    case 'branch':
      if (task.choice.kind === 'value') return lowerInput(task.choice.on, 'workflow')
      break
    case 'short_circuit':
      break
    default:
      return null
  }
  const values = operandValues(operandsOf(inputsOf(task)))
  return values.length === 0 ? null : map(values)
}
