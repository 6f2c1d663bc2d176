import type { Lineage, LineageTable } from '../../artifact/lineage.ts'
import type { Manifest, ManifestColumn, ManifestTable } from '../../artifact/manifest.ts'
import { tableId, testName, type Model, type TaskDefinition, type WriteMode } from '../../dsl/index.ts'
import { mentionedModels } from '../graph/tables.ts'
import { layerText } from './layers.ts'
import { markdownTable } from './markdown.ts'
import { retentionText } from './retention.ts'

interface DictionaryOptions {
  readonly manifest: Manifest
  readonly lineage: Lineage
  readonly tasks: readonly TaskDefinition[]
}

/** `generated/<dag>/tables.md`: the data dictionary. */
export function dictionaryOf({ manifest, lineage, tasks }: DictionaryOptions): string {
  const models = new Map(mentionedModels(tasks).map((model) => [tableId(model), model]))
  const origins = new Map(lineage.tables.map((table) => [table.table, table]))
  const layers = [...new Set(manifest.tables.map(({ layer }) => layer))]
  return [
    `# Tables of DAG ${manifest.dag}`,
    '',
    'What a column is computed from stands in its last cell; `table.*` are the rows of a table, which counts are made of.',
    'The same, with what decides which rows there are, is in `lineage.json`, and `dag lineage` shows it as a tree.',
    '',
    ...layers.flatMap((layer) => [
      `## Layer ${layer}: ${layerText[layer]}`,
      '',
      ...manifest.tables
        .filter((table) => table.layer === layer)
        .flatMap((table) => {
          const id = `${table.dataset}.${table.table}`
          return tableSection(table, models.get(id) ?? null, origins.get(id) ?? null)
        }),
    ]),
  ]
    .join('\n')
    .concat('\n')
    .replace(/\n+$/, '\n')
}

function tableSection(
  table: ManifestTable,
  model: Model | null,
  origin: LineageTable | null,
): readonly string[] {
  const facts: readonly (readonly [string, string])[] = [
    ['built by', builtBy(origin)],
    ['written', model === null ? 'each model with tests adds a row per load' : writtenText(model, origin)],
    ['key', table.primaryKey.map(code).join(', ')],
    ['partition', table.partition === null ? 'none' : `one a day, by ${code(table.partition.column)}`],
    ['clustering', table.clusterBy.map(code).join(', ') || 'none'],
    ['kept', retentionText(table.partition?.expirationDays ?? null)],
    ['tests', model === null ? '' : testsText(model)],
    ['from', fromText(origin)],
  ]
  return [
    `### ${table.dataset}.${table.table}`,
    '',
    table.description,
    '',
    ...facts.flatMap(([name, text]) => (text === '' ? [] : [`- ${name}: ${text}`])),
    '',
    ...markdownTable(
      ['column', 'type', 'what it is', 'from'],
      table.columns.flatMap((column) => columnRows(column, origin, '')),
    ),
    '',
  ]
}

const code = (text: string) => `\`${text}\``

function builtBy(origin: LineageTable | null): string {
  if (origin === null) return ''
  if (origin.task === null) return 'another DAG'
  return origin.step === undefined
    ? `task ${code(origin.task)}`
    : `task ${code(origin.task)}, step ${code(origin.step.name)}`
}

function writtenText(model: Model, origin: LineageTable | null): string {
  if (origin?.write === 'quarantine') return 'rows that a rule refuses; those of the run are replaced'
  if (model.write !== null) return modeText(model.write)
  if (origin?.write === 'script') return 'by a script of its own'
  return origin?.step === undefined ? '' : 'by the step'
}

/** What a write mode does, in words. */
function modeText(write: WriteMode): string {
  switch (write.kind) {
    case 'append':
      return write.lookBackDays === null
        ? 'rows whose key is not there yet are added'
        : `rows whose key was not there in the last ${write.lookBackDays} days are added`
    case 'replace_partition':
      return 'the partition of the run is written anew'
    case 'merge':
      return `one row per key, its latest state; ${goneText(write.gone)}`
    case 'history':
      return [
        `every state that a key has had, from ${code(write.validFrom)} to ${code(write.validTo)}`,
        ...(write.closeGone ? ['rows that are gone are closed'] : []),
      ].join('; ')
    case 'snapshot':
      return write.per.length === 0
        ? 'the rows of the newest run'
        : `the newest rows of each ${write.per.map(code).join(', ')}`
    case 'view':
      return 'a view: readers run its query'
  }
}

function goneText(gone: Extract<WriteMode, { readonly kind: 'merge' }>['gone']): string {
  if (gone.kind === 'keep') return 'rows that are gone stay'
  if (gone.kind === 'delete') return 'rows that are gone are deleted'
  return `rows that are gone stay, with ${code(gone.flag)} false and since when in ${code(gone.at)}`
}

function testsText({ tests, primaryKey, write }: Model): string {
  const key = write === null ? [] : [`the key ${primaryKey.map(code).join(', ')} is there and unique (stop)`]
  return [...key, ...tests.map((test) => `${code(testName(test))} (${test.severity})`)].join(', ')
}

function fromText(origin: LineageTable | null): string {
  if (origin?.step !== undefined) return origin.step.objects.map((name) => `objects ${code(name)}`).join(', ')
  return (origin?.reads ?? []).map(code).join(', ')
}

/** A column, and below it the fields of a struct. */
function columnRows(
  column: ManifestColumn,
  origin: LineageTable | null,
  path: string,
): readonly (readonly string[])[] {
  const name = `${path}${column.name}`
  const own = path === '' ? columnOrigin(column.name, origin) : ''
  return [
    [name, typeText(column), column.description, own],
    ...(column.fields ?? []).flatMap((field) => columnRows(field, origin, `${name}.`)),
  ]
}

function typeText({ type, mode }: ManifestColumn): string {
  if (mode === 'REPEATED') return code(`ARRAY<${type}>`)
  return mode === 'REQUIRED' ? `${type}, required` : type
}

function columnOrigin(name: string, origin: LineageTable | null): string {
  if (origin === null || origin.task === null) return ''
  if (origin.step !== undefined) return 'the step'
  const column = origin.columns.find((each) => each.name === name)
  if (column?.by === 'none') return 'nothing writes it'
  if (column?.by !== undefined) return `written by ${column.by.replaceAll('_', ' ')}`
  return column === undefined || column.from.length === 0
    ? 'a constant, or the run'
    : column.from.map(code).join(', ')
}
