/** What a DAG file imports: `import { dag, cron, model, sql, column, z } from 'dagwright'`. */
export { z } from 'zod'
export { dag, type DagDefinition, type DagOptions } from './dag.ts'
export type { DagContext, RunRefs } from './builder.ts'
export type { InputsOf, TaskOptions } from './tasks/step.ts'
export type { BuildOptions } from './tasks/model.ts'
export type { MapOptions } from './tasks/map.ts'
export type { MapGroupOptions } from './tasks/map-group.ts'
export type { ShortCircuitOptions } from './tasks/short-circuit.ts'
export type { EmptyOptions } from './tasks/empty.ts'
export type { ConditionChoice, ValueChoice } from './tasks/branch.ts'
export type {
  HookOptions,
  NodeOptions,
  PoolOption,
  RetryOptions,
  RoleOptions,
  WorkOptions,
} from './options.ts'
export type {
  AfterTarget,
  BranchRef,
  CaseHandle,
  GroupHandle,
  MapRef,
  Outcome,
  TaskHandle,
  TaskRef,
} from './handle.ts'
export {
  all,
  any,
  eq,
  gt,
  gte,
  isTrue,
  lt,
  lte,
  ne,
  not,
  type DeclaredCondition,
  type ConditionInput,
} from './condition-input.ts'
export { text } from './text.ts'
export { zip, type ListInput, type Zip } from './zip.ts'
export { httpReady, objectExists, partitionExists, type HttpReadyOptions, type SensorSpec } from './sensor.ts'
export type { HttpOutput, JsonInput, RequestOptions } from './request.ts'
export type { HttpSpec } from './tasks/http.ts'
export type { SensorOptions } from './tasks/sensor.ts'
export type { ApprovalOutput, ApprovalSpec } from './tasks/approval.ts'
export type { TriggerByIdSpec, TriggerOutput, TriggerSpec } from './tasks/trigger.ts'
export { outcomesOf, outputsOf } from './outcomes.ts'
export { pubsub, secret, webhook, type WebhookOptions } from './hook.ts'
export { cron, type Schedule } from './cron.ts'
export { column, type Column, type ColumnType } from './column.ts'
export { model, type Columns, type Layer, type Model, type ModelOptions, type NamedColumn } from './model.ts'
export { partText, renderSql, sql, type SqlPart, type SqlText, type SqlValue } from './sql.ts'
export { tableId, tableText, type TableName } from './table-name.ts'
export { sqlFile } from './sql-file.ts'
export { ref, type ColumnRef, type ModelRef } from './model-ref.ts'
export { quality, type QualityTest, type Severity, type TestOptions, type TestRule } from './quality.ts'
export { testName } from './quality-check.ts'
export { runVariables, sinceVariable, type RunValue, type RunVariable } from './run-value.ts'
export { write, type Gone, type WriteMode } from './write-mode.ts'
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
  GroupDefinition,
  ModelTask,
  RetryPolicy,
  StepTask,
  TaskDefinition,
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
} from './task.ts'
export {
  DagError,
  DagProblems,
  explainCode,
  isDagError,
  renderProblem,
  renderProblems,
} from './errors/index.ts'
