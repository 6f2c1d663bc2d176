import { runVariables, sinceVariable } from './run-value.ts'
import { closest } from './suggest.ts'
import type { ColumnType } from './column.ts'
import type { Model } from './model.ts'
import type { Problems } from './problems.ts'
import type { Gone, History, Merge, Snapshot } from './write-mode.ts'

type Declared = Omit<Model, 'problems'>
type Refuse = (message: string, hint: string) => void

/** What is wrong with how a model is written; what only its SQL tells is left to the compiler. */
export function checkWriteMode(model: Declared, what: string, problems: Problems): void {
  const refuse: Refuse = (message, hint) => problems.add('DAG415', `${what}: ${message}`, hint)
  checkNamesTaken(model, refuse)
  checkMart(model, what, problems)
  checkLimits(model, what, problems)
  checkReading(model, refuse)
  if (model.write === null) return
  if (model.sql === null) refuse('has a write mode and no SQL', 'give it sql: one SELECT')
  switch (model.write.kind) {
    case 'append':
      checkLookBack(model.write.lookBackDays, refuse)
      break
    case 'replace_partition':
      checkPartitioned(model, 'replacePartition', refuse)
      break
    case 'merge':
      checkMerge(model, model.write, refuse)
      break
    case 'history':
      checkHistory(model, model.write, refuse)
      break
    case 'snapshot':
      checkSnapshot(model, model.write, refuse)
      break
    case 'view':
      checkView(model, refuse)
      break
  }
}

/** Inside a statement a column hides the variable of its name. */
function checkNamesTaken(model: Declared, refuse: Refuse): void {
  const taken = new Set<string>([
    ...Object.values(runVariables).map(({ name }) => name),
    sinceVariable,
    '_rule',
    '_complete',
  ])
  for (const { name } of model.columns.filter((column) => taken.has(column.name))) {
    refuse(`column "${name}" has a name that SQL needs for the run`, 'give it another one')
  }
}

function checkMart(model: Declared, what: string, problems: Problems): void {
  if (model.layer !== 'dmt' || model.retentionDays !== null || model.write?.kind === 'view') return
  problems.add('DAG414', `${what} of layer dmt has no retention`, 'say retentionDays, such as 730')
}

/** https://cloud.google.com/bigquery/quotas#partitioned_tables */
const mostPartitions = 10_000
/** https://cloud.google.com/bigquery/quotas#all_tables */
const mostColumns = 10_000
const deepest = 15

function checkLimits(model: Declared, what: string, problems: Problems): void {
  const refuse = (message: string, hint: string) => problems.add('DAG419', `${what}: ${message}`, hint)
  if (model.retentionDays !== null && model.retentionDays > mostPartitions) {
    refuse(
      `keeps ${model.retentionDays} daily partitions`,
      `BigQuery takes ${mostPartitions}, some 27 years; keep fewer days`,
    )
  }
  const fields = model.columns.reduce((total, column) => total + fieldsIn(column), 0)
  if (fields > mostColumns) refuse(`has ${fields} columns`, `BigQuery takes ${mostColumns}`)
  const depth = Math.max(0, ...model.columns.map(depthOf))
  if (depth > deepest) refuse(`has structures ${depth} deep`, `BigQuery takes ${deepest}`)
  // https://cloud.google.com/bigquery/docs/labels-intro#requirements
  for (const [key, value] of Object.entries(model.labels)) {
    if (/^\p{Ll}[\p{Ll}0-9_-]{0,62}$/u.test(key) && /^[\p{Ll}0-9_-]{0,63}$/u.test(value)) continue
    refuse(
      `label ${key}=${value} is not usable`,
      'lower case letters, digits, _ and -, at most 63, a letter first',
    )
  }
}

interface Fields {
  readonly fields?: Readonly<Record<string, Fields>> | undefined
}

function fieldsIn({ fields = {} }: Fields): number {
  return Object.values(fields).reduce<number>((total, field) => total + fieldsIn(field), 1)
}

function depthOf({ fields = {} }: Fields): number {
  return Math.max(0, ...Object.values(fields).map((field) => 1 + depthOf(field)))
}

function checkReading(model: Declared, refuse: Refuse): void {
  const { watermark, quarantine } = model
  if (watermark !== null) {
    checkColumn(watermark.column, 'TIMESTAMP', 'watermark', model, refuse)
    if (watermark.lookBackSeconds === null) refuse('lookBack is no length of time', 'such as 2d or 36h')
    if (model.write === null || model.write.kind === 'view') {
      refuse(
        'has a watermark and no table that is written by mode',
        'drop it, or give the model a write mode',
      )
    }
  }
  if (quarantine === null) return
  if (quarantine.sql !== null) {
    refuse(`quarantine ${quarantine.table} has SQL of its own`, 'drop it: this model fills it')
  }
  if (!quarantine.columns.some(({ name, type }) => name === 'rule' && type === 'STRING')) {
    refuse(
      `quarantine ${quarantine.table} has no column "rule"`,
      "declare rule: column.string('what refused it')",
    )
  }
  if (quarantine.partitionBy === null) {
    refuse(`quarantine ${quarantine.table} has no partition`, 'partition it by the reference date')
  }
}

function checkLookBack(days: number | null, refuse: Refuse): void {
  if (days === null || (Number.isSafeInteger(days) && days > 0)) return
  refuse(`lookBackDays is ${days}`, 'give a whole number of days')
}

function checkPartitioned(model: Declared, mode: string, refuse: Refuse): void {
  if (model.partitionBy !== null) return
  refuse(`${mode} needs a partition`, 'add partitionBy: a DATE or TIMESTAMP column')
}

function checkMerge(model: Declared, { newer, ignore, gone }: Merge, refuse: Refuse): void {
  if (newer === null) checkPartitioned(model, 'merge without newer', refuse)
  else checkColumn(newer, null, 'newer', model, refuse)
  for (const column of ignore) checkColumn(column, null, 'ignore', model, refuse)
  checkGone(gone, model, refuse)
  checkWhole(model, 'merge', refuse)
}

function checkGone(gone: Gone, model: Declared, refuse: Refuse): void {
  if (gone.kind === 'keep') return
  // A run of an older day must not miss what a newer one has brought.
  checkPartitioned(model, 'gone', refuse)
  for (const column of gone.within) checkColumn(column, null, 'within', model, refuse)
  if (gone.kind === 'delete') return
  checkColumn(gone.flag, 'BOOL', 'deactivate', model, refuse)
  checkColumn(gone.at, 'TIMESTAMP', 'at', model, refuse)
}

function checkHistory(model: Declared, mode: History, refuse: Refuse): void {
  checkPartitioned(model, 'history', refuse)
  checkColumn(mode.validFrom, 'TIMESTAMP', 'validFrom', model, refuse)
  checkColumn(mode.validTo, 'TIMESTAMP', 'validTo', model, refuse)
  checkColumn(mode.current, 'BOOL', 'current', model, refuse)
  for (const column of [...mode.ignore, ...mode.within]) checkColumn(column, null, 'history', model, refuse)
  if (!model.primaryKey.includes(mode.validFrom) || model.primaryKey.length < 2) {
    refuse(
      `the primary key of a history is a key and ${mode.validFrom}`,
      `say primaryKey: ['id', '${mode.validFrom}']`,
    )
  }
  checkWhole(model, 'history', refuse)
}

function checkSnapshot(model: Declared, { per }: Snapshot, refuse: Refuse): void {
  checkPartitioned(model, 'snapshot', refuse)
  for (const column of per) {
    checkColumn(column, null, 'per', model, refuse)
    if (!model.primaryKey.includes(column)) {
      refuse(`per names "${column}", which is not in the primary key`, 'add it there')
    }
  }
  checkWhole(model, 'snapshot', refuse)
}

function checkView(model: Declared, refuse: Refuse): void {
  const stored = [
    ...(model.partitionBy === null ? [] : ['partitionBy']),
    ...(model.clusterBy.length === 0 ? [] : ['clusterBy']),
    ...(model.quarantine === null ? [] : ['quarantine']),
    ...(model.dependsOnPast ? ['dependsOnPast'] : []),
  ]
  if (stored.length > 0) refuse(`a view has no ${stored.join(', ')}`, 'drop it: nothing is stored')
}

/** Modes that look for a key wherever it is. */
function checkWhole(model: Declared, mode: string, refuse: Refuse): void {
  if (!model.requirePartitionFilter) return
  refuse(`${mode} reads the whole table`, 'drop requirePartitionFilter')
}

function checkColumn(
  column: string,
  type: ColumnType | null,
  option: string,
  model: Declared,
  refuse: Refuse,
): void {
  const found = model.columns.find(({ name }) => name === column)
  if (found === undefined) {
    const near = closest(
      column,
      model.columns.map(({ name }) => name),
    )
    refuse(
      `${option} names column "${column}", which is not declared`,
      near === null ? 'declare the column, or name one that is' : `did you mean "${near}"?`,
    )
  } else if (type !== null && (found.type !== type || found.mode === 'REPEATED')) {
    refuse(`${option} names column "${column}" of type ${found.type}`, `name one of type ${type}`)
  }
}
