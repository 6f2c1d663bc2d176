import { tableId, type TaskDefinition } from '../../../dsl/index.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Work } from '../routine.ts'
import { branchWork } from './branch.ts'
import { emptyWork } from './empty.ts'
import { httpWork } from './http.ts'
import { modelWork } from './model.ts'
import { shortCircuitWork } from './short-circuit.ts'
import { stepWork } from './step.ts'

/** What lowering a task needs besides the task. */
export interface TaskPlace {
  readonly dag: string
  readonly graph: Graph
  /** Names of procedures by `dataset.table`. */
  readonly routines: ReadonlyMap<string, string>
}

/** The work of a task: one file per kind. */
export function workOf(task: TaskDefinition, place: TaskPlace): Work {
  switch (task.kind) {
    case 'step':
      return stepWork(place.dag, task)
    case 'model':
      return modelWork(task, place.routines.get(tableId(task.model)) ?? '')
    case 'http':
      return httpWork(task)
    case 'branch':
      return branchWork(task, place.graph)
    case 'short_circuit':
      return shortCircuitWork(task)
    case 'empty':
      return emptyWork
    default:
      throw new Error(`tasks of kind ${task.kind} are not compiled`)
  }
}
