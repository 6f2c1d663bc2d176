import type { Name, TypeSyntax } from '../syntax.ts'
import { columnNamed, union, type LineageColumn, type Shape, type Sources, type Value } from './relation.ts'

export const plain: Shape = { kind: 'plain' }
const json: Shape = { kind: 'json' }

/** The shape of a value that may be this one or that one. */
export function eitherShape(a: Shape | null, b: Shape | null): Shape | null {
  if (a === null || b === null || a === b) return a ?? b
  if (a.kind === 'array' && b.kind === 'array')
    return { kind: 'array', element: eitherShape(a.element, b.element) }
  if (a.kind !== 'struct' || b.kind !== 'struct') return a.kind === b.kind ? a : null
  return {
    kind: 'struct',
    fields: a.fields.map((field, index): LineageColumn => {
      const other = b.fields[index]
      return {
        name: field.name ?? other?.name ?? null,
        sources: union(field.sources, other?.sources ?? null),
        shape: eitherShape(field.shape ?? null, other?.shape ?? null),
      }
    }),
  }
}

/** A shape all of whose fields come from something else as well. */
export function shapeWith(shape: Shape | null, sources: Sources): Shape | null {
  if (shape === null || sources.size === 0) return shape
  if (shape.kind === 'array') return { kind: 'array', element: shapeWith(shape.element, sources) }
  if (shape.kind !== 'struct') return shape
  return {
    kind: 'struct',
    fields: shape.fields.map((field) => ({
      ...field,
      sources: union(field.sources, sources),
      shape: shapeWith(field.shape ?? null, sources),
    })),
  }
}

/** The shape of a type; all fields come from the same. */
export function shapeOfType(type: TypeSyntax, sources: Sources): Shape {
  if (type.kind === 'array') return { kind: 'array', element: shapeOfType(type.element, sources) }
  if (type.kind === 'named') return type.name.toUpperCase() === 'JSON' ? json : plain
  return {
    kind: 'struct',
    fields: type.fields.map((field) => ({
      name: field.name,
      sources,
      shape: shapeOfType(field.type, sources),
    })),
  }
}

/** A field of a field of a value; null where there is none, in which case `missed` is told. */
export function fieldOf(
  { sources, shape }: Value,
  path: readonly Name[],
  missed: (name: Name, known: readonly LineageColumn[]) => void,
): Value {
  const [name, ...rest] = path
  if (name === undefined || shape === null || shape.kind === 'json') return { sources, shape }
  if (shape.kind !== 'struct') {
    missed(name, [])
    return { sources, shape: null }
  }
  const field = columnNamed(shape.fields, name.text)
  if (field !== null) return fieldOf({ sources: field.sources, shape: field.shape ?? null }, rest, missed)
  // A struct may have fields without names, by which nothing is known to be missing.
  if (shape.fields.every((each) => each.name !== null)) missed(name, shape.fields)
  return { sources, shape: null }
}

const scalars = new Set(
  `ABS APPROX_COUNT_DISTINCT AVG BYTE_LENGTH CEIL CHAR_LENGTH CONTAINS_SUBSTR COUNT COUNTIF CURRENT_DATE CURRENT_DATETIME
  CURRENT_TIME CURRENT_TIMESTAMP DATE DATETIME DATE_ADD DATE_DIFF DATE_SUB DATE_TRUNC DENSE_RANK DIV ENDS_WITH
  FARM_FINGERPRINT FLOOR FORMAT FORMAT_DATE FORMAT_TIMESTAMP GREATEST JSON_EXTRACT_SCALAR JSON_VALUE LEAST LENGTH LOGICAL_AND
  LOGICAL_OR LOWER LPAD LTRIM MD5 MOD NTILE PARSE_DATE PARSE_TIMESTAMP POW RANK REGEXP_CONTAINS REGEXP_EXTRACT REGEXP_REPLACE
  REPEAT REPLACE ROUND ROW_NUMBER RPAD RTRIM SAFE_DIVIDE SHA256 SIGN SQRT STARTS_WITH STRING STRING_AGG STRPOS SUBSTR
  SUM TIMESTAMP TIMESTAMP_ADD TIMESTAMP_DIFF TIMESTAMP_MICROS TIMESTAMP_MILLIS TIMESTAMP_SECONDS TIMESTAMP_SUB
  TIMESTAMP_TRUNC TO_HEX TO_JSON_STRING TRIM TRUNC UNIX_SECONDS UPPER`.split(/\s+/),
)
const scalarArrays = new Set(
  `APPROX_QUANTILES GENERATE_ARRAY GENERATE_DATE_ARRAY GENERATE_TIMESTAMP_ARRAY JSON_EXTRACT_STRING_ARRAY JSON_VALUE_ARRAY
  REGEXP_EXTRACT_ALL SPLIT TO_CODE_POINTS`.split(/\s+/),
)
const jsonArrays = new Set(['JSON_QUERY_ARRAY', 'JSON_EXTRACT_ARRAY'])
const jsonValues = new Set(['JSON_QUERY', 'JSON_EXTRACT', 'PARSE_JSON', 'TO_JSON', 'JSON_OBJECT', 'JSON_SET'])
/** Functions that give one of their arguments: which of them. */
const givers: Readonly<Record<string, readonly number[] | 'all'>> = {
  ANY_VALUE: [0],
  ARRAY_CONCAT: 'all',
  ARRAY_REVERSE: [0],
  ARRAY_SLICE: [0],
  COALESCE: 'all',
  FIRST_VALUE: [0],
  IF: [1, 2],
  IFNULL: 'all',
  LAG: [0],
  LAST_VALUE: [0],
  LEAD: [0],
  MAX: [0],
  MAX_BY: [0],
  MIN: [0],
  MIN_BY: [0],
  NTH_VALUE: [0],
  NULLIF: [0],
}

/** The shape of what a function gives; null where it is not known, as of a user's own. */
export function shapeOfCall(name: string, values: readonly Value[], all: Sources): Shape | null {
  if (scalars.has(name)) return plain
  if (scalarArrays.has(name)) return { kind: 'array', element: plain }
  if (jsonArrays.has(name)) return { kind: 'array', element: json }
  if (jsonValues.has(name)) return json
  if (name === 'ARRAY_AGG') {
    const others = union(...values.slice(1).map(({ sources }) => sources))
    return { kind: 'array', element: shapeWith(values[0]?.shape ?? null, others) }
  }
  if (!Object.hasOwn(givers, name)) return null
  const which = givers[name]!
  const given = which === 'all' ? values : which.flatMap((index) => values[index] ?? [])
  const shape = given.reduce<Shape | null>((found, value) => eitherShape(found, value.shape), null)
  const decided = values.filter((value) => !given.includes(value)).map(({ sources }) => sources)
  return all.size === 0 ? shape : shapeWith(shape, union(...decided))
}

/** Functions that look at all rows of a group, whatever their argument. */
export const counts: ReadonlySet<string> = new Set([
  'COUNT',
  'SUM',
  'AVG',
  'COUNTIF',
  'LOGICAL_OR',
  'LOGICAL_AND',
])

/** Aggregates, by which GROUP BY ALL knows what it does not group by. */
export const aggregates: ReadonlySet<string> = new Set(
  `ANY_VALUE APPROX_COUNT_DISTINCT APPROX_QUANTILES APPROX_TOP_COUNT APPROX_TOP_SUM ARRAY_AGG ARRAY_CONCAT_AGG AVG BIT_AND BIT_OR
  BIT_XOR CORR COUNT COUNTIF COVAR_POP COVAR_SAMP GROUPING LOGICAL_AND LOGICAL_OR MAX MAX_BY MIN MIN_BY STDDEV STDDEV_POP
  STDDEV_SAMP STRING_AGG SUM VARIANCE VAR_POP VAR_SAMP HLL_COUNT.INIT HLL_COUNT.MERGE HLL_COUNT.MERGE_PARTIAL`.split(
    /\s+/,
  ),
)
