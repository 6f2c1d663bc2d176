import { z } from 'zod'
import type { TableName } from '../../warehouse/warehouse.ts'
import { invalid, notFound } from './problem.ts'

export const tableReference = z.strictObject({
  projectId: z.string().optional(),
  datasetId: z.string(),
  tableId: z.string(),
})

export const datasetReference = z.strictObject({ projectId: z.string().optional(), datasetId: z.string() })

/** A table, with the partition that a decorator (`table$20240131`) names. */
export interface Destination extends TableName {
  readonly partition?: string
}

/** Throws 404 where the reference names another project than the emulator's. */
export function readTable(reference: z.output<typeof tableReference>, project: string): TableName {
  const { partition, ...table } = readDestination(reference, project)
  if (partition !== undefined) throw invalid(`Invalid table ID "${reference.tableId}".`)
  return table
}

/** A table of a path, with the partition that a decorator names. */
export function splitTable({ dataset, table }: TableName): Destination {
  const [name = '', partition] = table.split('$')
  return { dataset, table: name, ...(partition === undefined ? {} : { partition }) }
}

export function readDestination(reference: z.output<typeof tableReference>, project: string): Destination {
  checkProject(reference.projectId, project)
  const match = /^([^$]*)(?:\$(\w+))?$/.exec(reference.tableId)
  const table = match?.[1] ?? ''
  checkName('table', table, 1024)
  checkName('dataset', reference.datasetId, 1024)
  const partition = match?.[2]
  return { dataset: reference.datasetId, table, ...(partition === undefined ? {} : { partition }) }
}

export function checkProject(given: string | undefined, project: string): void {
  if (given !== undefined && given !== '' && given !== project) throw notFound(`Project ${given}`)
}

/**
 * https://cloud.google.com/bigquery/docs/datasets#dataset-naming and
 * https://cloud.google.com/bigquery/docs/tables#table_naming
 */
export function checkName(kind: 'dataset' | 'table' | 'routine', name: string, longest: number): void {
  const allowed = kind === 'table' ? /^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd}\p{Zs}]+$/u : /^\w+$/
  if (!allowed.test(name) || Buffer.byteLength(name) > longest) throw invalid(`Invalid ${kind} ID "${name}".`)
}

/** The two multi-regions are written in capitals, regions in small letters. */
export function normalLocation(location: string): string {
  const upper = location.toUpperCase()
  return upper === 'US' || upper === 'EU' ? upper : location.toLowerCase()
}

export function wireTable(table: TableName, project: string): Readonly<Record<string, string>> {
  return { projectId: project, datasetId: table.dataset, tableId: table.table }
}
