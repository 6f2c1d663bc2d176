import { quoteSql, typeOfStored } from './column-text.ts'
import type { StoredField, TableEntry } from '../entry.ts'
import type { DatasetMetadata, RoutineMetadata } from '../../warehouse.ts'

/** The statement that would make the table or view again, in the form that BigQuery shows. */
export function tableDdl(table: TableEntry, project: string): string {
  const name = `\`${project}.${table.dataset}.${table.table}\``
  const options = optionsText(tableOptions(table))
  if (table.kind === 'VIEW')
    return `CREATE ${table.materialized ? 'MATERIALIZED ' : ''}VIEW ${name}${options}\nAS ${table.viewQuery ?? ''};`
  if (table.snapshot) return `CREATE SNAPSHOT TABLE ${name}${options};`
  const columns = [...table.schema.map(columnText), ...keyTexts(table, project)]
    .map((line) => `  ${line}`)
    .join(',\n')
  const partition = partitionText(table)
  const cluster = table.clustering?.length ? `\nCLUSTER BY ${table.clustering.map(quoteName).join(', ')}` : ''
  return `CREATE TABLE ${name}\n(\n${columns}\n)${partition === null ? '' : `\nPARTITION BY ${partition}`}${cluster}${options};`
}

export function datasetDdl(dataset: DatasetMetadata, project: string): string {
  return `CREATE SCHEMA \`${project}.${dataset.dataset}\`${optionsText(datasetOptions(dataset))};`
}

export function routineDdl(routine: RoutineMetadata, project: string): string {
  const args = routine.arguments.map(
    ({ name, type, mode }) => `${mode === undefined ? '' : `${mode} `}${name} ${type}`,
  )
  const options = optionsText(routineOptions(routine))
  const head = `CREATE ${routine.kind.replace('_', ' ')} \`${project}.${routine.dataset}.${routine.routine}\`(${args.join(', ')})`
  if (routine.kind === 'PROCEDURE') return `${head}${options}\n${routine.body};`
  if (routine.kind === 'TABLE_FUNCTION') return `${head}${options} AS (\n${routine.body}\n);`
  return `${head}${routine.returns === undefined ? '' : ` RETURNS ${routine.returns}`} AS (\n${routine.body}\n)${options};`
}

/** Name, type and value, as INFORMATION_SCHEMA lists an object's options. */
export type OptionRow = readonly [name: string, type: string, value: string]

export function tableOptions(table: TableEntry): OptionRow[] {
  return [
    ...timeOption('expiration_timestamp', table.expiresAt),
    ...described(table),
    ...(table.friendlyName === undefined
      ? []
      : [['friendly_name', 'STRING', quoteSql(table.friendlyName)] as const]),
    ...days('partition_expiration_days', table.partitioning?.expirationMs),
    ...(table.requirePartitionFilter ? [['require_partition_filter', 'BOOL', 'true'] as const] : []),
    ...labelled(table.labels),
  ]
}

export function datasetOptions(dataset: DatasetMetadata): OptionRow[] {
  return [
    ...days('default_partition_expiration_days', dataset.defaultPartitionExpirationMs),
    ...days('default_table_expiration_days', dataset.defaultTableExpirationMs),
    ...described(dataset),
    ...labelled(dataset.labels),
    ['location', 'STRING', quoteSql(dataset.location)],
  ]
}

export function routineOptions(routine: RoutineMetadata): OptionRow[] {
  return described(routine)
}

function described({ description }: { readonly description?: string }): OptionRow[] {
  return description === undefined ? [] : [['description', 'STRING', quoteSql(description)]]
}

function labelled(labels: Readonly<Record<string, string>>): OptionRow[] {
  const items = Object.entries(labels).map(([key, value]) => `STRUCT(${quoteSql(key)}, ${quoteSql(value)})`)
  return items.length === 0 ? [] : [['labels', 'ARRAY<STRUCT<STRING, STRING>>', `[${items.join(', ')}]`]]
}

function days(name: string, milliseconds: number | undefined): OptionRow[] {
  if (milliseconds === undefined) return []
  const count = milliseconds / 86_400_000
  return [[name, 'FLOAT64', Number.isInteger(count) ? `${count}.0` : String(count)]]
}

function timeOption(name: string, time: number | undefined): OptionRow[] {
  return time === undefined
    ? []
    : [[name, 'TIMESTAMP', `TIMESTAMP ${quoteSql(new Date(time).toISOString())}`]]
}

function optionsText(options: readonly OptionRow[]): string {
  if (options.length === 0) return ''
  const items = options.map(
    ([name, , value]) => `  ${name}=${name === 'labels' ? value.replaceAll('STRUCT(', '(') : value}`,
  )
  return `\nOPTIONS(\n${items.join(',\n')}\n)`
}

function columnText(field: StoredField): string {
  const required = field.mode === 'REQUIRED' ? ' NOT NULL' : ''
  const value = field.defaultValue === undefined ? '' : ` DEFAULT ${field.defaultValue}`
  const note = field.description === undefined ? '' : ` OPTIONS(description=${quoteSql(field.description)})`
  return `${quoteName(field.name)} ${typeOfStored(field)}${value}${required}${note}`
}

function keyTexts({ primaryKey, foreignKeys = [] }: TableEntry, project: string): string[] {
  const list = (names: readonly string[]): string => `(${names.map(quoteName).join(', ')})`
  return [
    ...(primaryKey ? [`PRIMARY KEY${list(primaryKey)} NOT ENFORCED`] : []),
    ...foreignKeys.map(
      (key) =>
        `CONSTRAINT \`${key.name}\` FOREIGN KEY${list(key.columns)} REFERENCES \`${project}.${key.table.dataset}.${key.table.table}\`${list(key.referenced)} NOT ENFORCED`,
    ),
  ]
}

function partitionText({ partitioning, rangePartitioning: range, schema }: TableEntry): string | null {
  if (range)
    return `RANGE_BUCKET(${quoteName(range.field)}, GENERATE_ARRAY(${range.start}, ${range.end}, ${range.interval}))`
  if (!partitioning) return null
  const { field, type } = partitioning
  if (field === undefined)
    return type === 'DAY' ? 'DATE(_PARTITIONTIME)' : `TIMESTAMP_TRUNC(_PARTITIONTIME, ${type})`
  const column = schema.find((item) => item.name.toLowerCase() === field.toLowerCase())
  const name = quoteName(field)
  if (type === 'DAY') return column?.type === 'DATE' ? name : `DATE(${name})`
  return `${column?.type ?? 'DATE'}_TRUNC(${name}, ${type})`
}

function quoteName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `\`${name}\``
}
