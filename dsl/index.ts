/** What a DAG file imports: `import { dag, cron, model, sql, column, z } from 'dagwright'`. */
export { z } from 'zod'
export { dag, type DagDefinition, type DagOptions } from './dag.ts'
export type { DagContext, InputsOf, RunRefs, TaskRef } from './builder.ts'
export { cron, type Schedule } from './cron.ts'
export { column, type Column, type ColumnType } from './column.ts'
export { model, type Columns, type Layer, type Model, type ModelOptions, type NamedColumn } from './model.ts'
export { sql, renderSql, tableId, type SqlPart, type SqlText, type TableName } from './sql.ts'
export type { StepContract, StepInput, StepOutput } from './contract.ts'
export type { Duration } from './duration.ts'
export type { Handle, Inputs, Ref, RefPath } from './ref.ts'
export type { InputEntry, InputValue } from './input.ts'
export type { Location } from './location.ts'
export type { TriggerRule } from './trigger-rule.ts'
export type { Condition } from './condition.ts'
export type { Mapping, MappedList } from './mapping.ts'
export type { Hook, SecretRef } from './hook.ts'
export type {
  AfterTarget,
  BuildOptions,
  GroupDefinition,
  GroupHandle,
  ModelTask,
  RetryOptions,
  RetryPolicy,
  StepTask,
  TaskDefinition,
  TaskHandle,
  ApprovalTask,
  BranchTask,
  Choice,
  EmptyTask,
  HttpRequest,
  HttpTask,
  SensorCondition,
  SensorTask,
  ShortCircuitTask,
  TriggerTask,
  TaskOptions,
} from './task.ts'
export {
  DagError,
  DagProblems,
  explainCode,
  isDagError,
  renderProblem,
  renderProblems,
} from './errors/index.ts'
