import { z } from 'zod'
import { invalid } from './problem.ts'

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/StandardSqlDataType */
export interface StandardType {
  readonly typeKind: string
  readonly arrayElementType?: StandardType | undefined
  readonly structType?: { readonly fields: readonly StandardField[] } | undefined
}

interface StandardField {
  readonly name?: string | undefined
  readonly type?: StandardType | undefined
}

export const standardType: z.ZodType<StandardType> = z.strictObject({
  typeKind: z.string().regex(/^[A-Z0-9]+$/),
  get arrayElementType() {
    return standardType.optional()
  },
  get structType() {
    return z
      .strictObject({
        fields: z.array(z.strictObject({ name: z.string().optional(), type: standardType.optional() })),
      })
      .optional()
  },
})

/** The type in SQL. */
export function typeSql({ typeKind, arrayElementType, structType }: StandardType): string {
  if (typeKind === 'ARRAY') {
    if (arrayElementType === undefined) throw invalid('A type ARRAY needs arrayElementType')
    return `ARRAY<${typeSql(arrayElementType)}>`
  }
  if (typeKind !== 'STRUCT') return typeKind
  const fields = (structType?.fields ?? []).map(({ name, type }) => {
    if (type === undefined) throw invalid('A field of a STRUCT needs a type')
    return name === undefined ? typeSql(type) : `\`${name}\` ${typeSql(type)}`
  })
  return `STRUCT<${fields.join(', ')}>`
}

/** The type of SQL such as `ARRAY<STRUCT<a INT64, b STRING(10)>>`, which has been checked; parameters of types go. */
export function standardTypeOf(sql: string): StandardType {
  const tokens = sql.match(/`[^`]*`|[\w$]+|[<>,]|\([^)]*\)/g) ?? []
  let next = 0
  const take = () => tokens[next++] ?? ''
  const read = (): StandardType => {
    const typeKind = take().toUpperCase()
    if (tokens[next]?.startsWith('(') === true) next++
    if (tokens[next] !== '<') return { typeKind }
    next++
    if (typeKind === 'ARRAY') {
      const arrayElementType = read()
      next++
      return { typeKind, arrayElementType }
    }
    const fields: StandardField[] = []
    while (tokens[next] !== undefined && tokens[next] !== '>') {
      const after = tokens[next + 1] ?? ''
      const named = !['<', '>', ','].includes(after) && !after.startsWith('(')
      const name = named ? take().replaceAll('`', '') : undefined
      fields.push({ ...(name === undefined ? {} : { name }), type: read() })
      if (tokens[next] === ',') next++
    }
    next++
    return { typeKind, structType: { fields } }
  }
  return read()
}
