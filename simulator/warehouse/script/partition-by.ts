import type { StoredField } from '../catalog/entry.ts'
import { invalid } from '../../../sql/problem.ts'
import type { Expression } from '../../../sql/syntax.ts'
import { isScalar, typeOfField, typeText } from '../types/type.ts'
import type { Partitioning, RangePartitioning } from '../warehouse.ts'

/** PARTITION BY. https://cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language#partition_expression */
export function partitioning(
  expression: Expression,
  schema: readonly StoredField[],
  at: number,
): { partitioning?: Partitioning; rangePartitioning?: RangePartitioning } {
  const columnOf = (node: Expression | undefined): StoredField | null => {
    if (node?.kind !== 'name') return null
    return schema.find((field) => field.name.toLowerCase() === node.name.toLowerCase()) ?? null
  }
  const name = expression.kind === 'call' ? expression.name[0]!.text.toUpperCase() : ''
  const args = expression.kind === 'call' ? expression.arguments.map((argument) => argument.value) : []
  const ingestion = (node: Expression | undefined): boolean =>
    node?.kind === 'name' && ['_PARTITIONTIME', '_PARTITIONDATE'].includes(node.name.toUpperCase())
  if (ingestion(expression)) return { partitioning: { type: 'DAY' } }
  if (name === 'DATE' && ingestion(args[0])) return { partitioning: { type: 'DAY' } }
  const direct = columnOf(expression)
  if (direct && isScalar(typeOfField(direct), 'DATE'))
    return { partitioning: { type: 'DAY', field: direct.name } }
  const column = columnOf(args[0])
  if (column && name === 'DATE' && isScalar(typeOfField(column), 'TIMESTAMP', 'DATETIME'))
    return { partitioning: { type: 'DAY', field: column.name } }
  if (name.endsWith('_TRUNC') && args[1]?.kind === 'name' && (column || ingestion(args[0]))) {
    const type = args[1].name.toUpperCase() as Partitioning['type']
    const matches = !column || typeText(typeOfField(column)) === name.replace('_TRUNC', '')
    if (
      matches &&
      ['DAY', 'HOUR', 'MONTH', 'YEAR'].includes(type) &&
      !(name === 'DATE_TRUNC' && type === 'HOUR')
    )
      return { partitioning: column ? { type, field: column.name } : { type } }
  }
  const [, range] = args
  if (name === 'RANGE_BUCKET' && column && isScalar(typeOfField(column), 'INT64') && range?.kind === 'call') {
    const numbers = range.arguments.map((argument) =>
      argument.value.kind === 'literal' ? Number(argument.value.text) : Number.NaN,
    )
    if (
      range.name[0]!.text.toUpperCase() === 'GENERATE_ARRAY' &&
      numbers.length === 3 &&
      numbers.every(Number.isInteger)
    )
      return {
        rangePartitioning: {
          field: column.name,
          start: numbers[0]!,
          end: numbers[1]!,
          interval: numbers[2]!,
        },
      }
  }
  throw invalid(
    at,
    'PARTITION BY expression must be DATE(<timestamp_column>), DATE(<datetime_column>), a DATE column, a *_TRUNC of a column, RANGE_BUCKET(<int64_column>, GENERATE_ARRAY(…)) or _PARTITIONDATE',
  )
}
