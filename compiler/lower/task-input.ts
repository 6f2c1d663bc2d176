import type { TaskDefinition } from '../../dsl/index.ts'
import { inputsOf } from '../../dsl/task-inputs.ts'
import { operandsOf, operandValues } from './condition.ts'
import { map, type Value } from './language.ts'
import { requestInput } from './request.ts'
import { isMapped, mapArguments } from './map.ts'
import { lowerInput, type IsRepeated } from './value.ts'
import { sensorInput } from './tasks/sensor.ts'
import { triggerInput } from './tasks/trigger.ts'

/** What a task is handed over where it is called, evaluated there. It never raises. */
export function taskArguments(task: TaskDefinition, isRepeated: IsRepeated): Readonly<Record<string, Value>> {
  if (isMapped(task)) return mapArguments(task, (value) => lowerInput(value, 'step', isRepeated))
  const input = taskInput(task, isRepeated)
  return input === null ? {} : { input }
}

/** Null where the task is given nothing. */
function taskInput(task: TaskDefinition, isRepeated: IsRepeated): Value | null {
  switch (task.kind) {
    case 'step':
      return lowerInput(task.input, 'step', isRepeated)
    case 'branch':
      if (task.choice.kind === 'value') return lowerInput(task.choice.on, 'workflow')
      return mapOf(operandValues(operandsOf(inputsOf(task))))
    case 'short_circuit':
      return mapOf(operandValues(operandsOf(inputsOf(task))))
    case 'http':
      return mapOf(requestInput(task.request))
    case 'sensor':
      return mapOf(sensorInput(task))
    case 'trigger':
      return mapOf(triggerInput(task))
    case 'model':
    case 'approval':
    case 'empty':
      return null
  }
}

function mapOf(values: readonly (readonly [string, Value])[]): Value | null {
  return values.length === 0 ? null : map(values)
}
