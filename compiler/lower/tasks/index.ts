import { tableId, type TaskDefinition } from '../../../dsl/index.ts'
import type { Descent } from '../../semantics/index.ts'
import type { Work } from '../routine.ts'
import { branchWork } from './branch.ts'
import { emptyWork } from './empty.ts'
import { approvalWork } from './approval.ts'
import { httpWork } from './http.ts'
import { modelWork } from './model.ts'
import { sensorWork } from './sensor.ts'
import { shortCircuitWork } from './short-circuit.ts'
import { stepWork } from './step.ts'
import { triggerWork } from './trigger.ts'

/** What lowering a task needs besides the task. */
export interface TaskPlace {
  readonly dag: string
  /** Tasks by case, of a branch. */
  readonly casesOf: (branch: string) => ReadonlyMap<string, readonly string[]>
  readonly descent: Descent
  /** Names of procedures by `dataset.table`. */
  readonly routines: ReadonlyMap<string, string>
  /** Tasks whose outputs others look into. */
  readonly read: ReadonlySet<string>
}

/** The work of a task: one file per kind. */
export function workOf(task: TaskDefinition, place: TaskPlace): Work {
  switch (task.kind) {
    case 'step':
      return stepWork(task)
    case 'model':
      return modelWork(task, place.routines.get(tableId(task.model)) ?? '')
    case 'http':
      return httpWork(task)
    case 'sensor':
      return sensorWork(task)
    case 'approval':
      return approvalWork(task)
    case 'trigger':
      return triggerWork(task)
    case 'branch':
      return branchWork(task, place.casesOf(task.id), place.descent)
    case 'short_circuit':
      return shortCircuitWork(task)
    case 'empty':
      return emptyWork
  }
}
