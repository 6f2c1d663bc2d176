import type { DagError } from './errors/dag-error.ts'
import type { Model, NamedColumn } from './model.ts'
import { checkKeys, collectProblems, type Problems } from './problems.ts'
import { tableId } from './table-name.ts'
import { closest } from './suggest.ts'
import { checkTests } from './quality-check.ts'
import { checkWriteMode } from './write-check.ts'

const layers = ['raw', 'tru', 'ref', 'dmt']
const optionKeys = [
  'layer',
  'dataset',
  'table',
  'description',
  'columns',
  'primaryKey',
  'partitionBy',
  'clusterBy',
  'retentionDays',
  'sql',
  'write',
  'writes',
  'quarantine',
  'watermark',
  'dependsOnPast',
  'tests',
  'labels',
  'requirePartitionFilter',
]

/** BigQuery names without quoting trouble. https://cloud.google.com/bigquery/docs/tables#table_naming */
const name = /^[a-z_][a-z0-9_]{0,127}$/

/** What is wrong with a model's declaration. */
export function checkModel(model: Omit<Model, 'problems'>, options: object): readonly DagError[] {
  const problems = collectProblems(model.at)
  const what = `model ${tableId(model)}`
  checkKeys(options, optionKeys, what, problems, model.at)
  checkNames(model, what, problems)
  checkColumnUses(model, what, problems)
  checkPartition(model, what, problems)
  checkWriteMode(model, what, problems)
  checkTests(model, what, problems)
  return Object.freeze([...problems.list])
}

function checkNames(model: Omit<Model, 'problems'>, what: string, problems: Problems): void {
  const refuse = (message: string, hint: string) => problems.add('DAG401', `${what}: ${message}`, hint)
  if (!layers.includes(model.layer))
    refuse(`layer "${model.layer}" is not known`, `layers are ${layers.join(', ')}`)
  for (const part of ['dataset', 'table'] as const) {
    if (!name.test(model[part]))
      refuse(`${part} "${model[part]}" is not usable`, 'write it in lower snake case')
  }
  if (typeof model.description !== 'string' || model.description === '') {
    refuse('has no description', 'say in a sentence what a row is')
  }
  if (model.columns.length === 0) refuse('has no columns', 'declare at least one')
  for (const column of model.columns) checkColumn(column, refuse)
}

function checkColumn(column: NamedColumn, refuse: (message: string, hint: string) => void): void {
  if (!name.test(column.name)) refuse(`column "${column.name}" is not usable`, 'write it in lower snake case')
  const fields = Object.entries(column.fields ?? {})
  if ((column.type === 'STRUCT') !== fields.length > 0) {
    refuse(
      `column "${column.name}" of type ${column.type} has ${fields.length} fields`,
      'a STRUCT, and only it, has fields',
    )
  }
  for (const [field, inner] of fields) checkColumn({ ...inner, name: field }, refuse)
}

function checkColumnUses(model: Omit<Model, 'problems'>, what: string, problems: Problems): void {
  const known = model.columns.map((column) => column.name)
  const uses = [
    ...model.primaryKey.map((column) => ['primaryKey', column] as const),
    ...(model.partitionBy === null ? [] : [['partitionBy', model.partitionBy] as const]),
    ...model.clusterBy.map((column) => ['clusterBy', column] as const),
  ]
  for (const [option, column] of uses) {
    if (known.includes(column)) continue
    const near = closest(column, known)
    problems.add(
      'DAG402',
      `${what}: ${option} names column "${column}", which is not declared`,
      near === null ? 'declare the column, or name one that is' : `did you mean "${near}"?`,
    )
  }
  if (model.primaryKey.length === 0) {
    problems.add('DAG402', `${what} has no primary key`, 'name the columns that make a row one row')
  }
  // https://cloud.google.com/bigquery/docs/clustered-tables#limitations
  if (model.clusterBy.length > 4) {
    problems.add(
      'DAG402',
      `${what} is clustered by ${model.clusterBy.length} columns`,
      'BigQuery takes at most four',
    )
  }
}

function checkPartition(model: Omit<Model, 'problems'>, what: string, problems: Problems): void {
  const column = model.columns.find((candidate) => candidate.name === model.partitionBy)
  // https://cloud.google.com/bigquery/docs/partitioned-tables#date_timestamp_partitioned_tables
  if (column && !(['DATE', 'TIMESTAMP'].includes(column.type) && column.mode !== 'REPEATED')) {
    problems.add(
      'DAG403',
      `${what}: partition column "${column.name}" is ${column.mode === 'REPEATED' ? 'an array' : column.type}`,
      'partition by a DATE or TIMESTAMP column that holds a load or reference date',
    )
  }
  const days = model.retentionDays
  if (days !== null && !(Number.isSafeInteger(days) && days > 0)) {
    problems.add(
      'DAG404',
      `${what}: retentionDays is ${String(days)}`,
      'give a whole number of days, or null to keep all',
    )
  } else if (days !== null && model.partitionBy === null) {
    problems.add(
      'DAG404',
      `${what} has a retention but no partition`,
      'rows age out by partition: add partitionBy',
    )
  }
}
