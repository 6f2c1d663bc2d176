import { z } from 'zod'
import type { TableMetadata, TableName, TablePatch } from '../../warehouse/warehouse.ts'
import { readTable, tableReference, wireTable } from './names.ts'

type Keys = Pick<TableMetadata, 'primaryKey' | 'foreignKeys'>

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/tables#TableConstraints */
export const tableConstraints = z.strictObject({
  primaryKey: z.strictObject({ columns: z.array(z.string()).optional() }).nullish(),
  foreignKeys: z
    .array(
      z.strictObject({
        name: z.string().optional(),
        referencedTable: tableReference,
        columnReferences: z.array(
          z.strictObject({ referencingColumn: z.string(), referencedColumn: z.string() }),
        ),
      }),
    )
    .nullish(),
})

type Input = z.output<typeof tableConstraints>

/** The keys of a new table. Throws 404 for a table of another project. */
export function readConstraints(input: Input, project: string, own: TableName): Keys {
  const { primaryKey, foreignKeys } = readConstraintsPatch(input, project, own)
  return {
    ...(primaryKey == null ? {} : { primaryKey }),
    ...(foreignKeys == null ? {} : { foreignKeys }),
  }
}

/** The whole of a table's keys: what a patch of them leaves out is gone. */
export function readConstraintsPatch(
  { primaryKey, foreignKeys }: Input,
  project: string,
  own: TableName,
): Pick<TablePatch, 'primaryKey' | 'foreignKeys'> {
  const columns = primaryKey?.columns ?? []
  const keys = (foreignKeys ?? []).map(({ name, referencedTable, columnReferences }, index) => ({
    name: name ?? `${own.table}.fk$${index + 1}`,
    table: readTable(referencedTable, project),
    columns: columnReferences.map(({ referencingColumn }) => referencingColumn),
    referenced: columnReferences.map(({ referencedColumn }) => referencedColumn),
  }))
  return {
    primaryKey: columns.length === 0 ? null : columns,
    foreignKeys: keys.length === 0 ? null : keys,
  }
}

export function wireConstraints({ primaryKey, foreignKeys = [] }: Keys, project: string) {
  if (primaryKey === undefined && foreignKeys.length === 0) return {}
  return {
    tableConstraints: {
      ...(primaryKey === undefined ? {} : { primaryKey: { columns: primaryKey } }),
      ...(foreignKeys.length === 0
        ? {}
        : {
            foreignKeys: foreignKeys.map(({ name, columns, table, referenced }) => ({
              name,
              referencedTable: wireTable(table, project),
              columnReferences: columns.map((referencingColumn, i) => ({
                referencingColumn,
                referencedColumn: referenced[i],
              })),
            })),
          }),
    },
  }
}
