import { Database } from './engine/database.ts'
import { copyTables } from './load/copy.ts'
import { extractTable } from './load/extract.ts'
import { insertRows } from './load/insert-rows.ts'
import { loadFiles } from './load/load.ts'
import { readTable } from './load/read.ts'
import { datasetMethods } from './resources/datasets.ts'
import { modelMethods } from './resources/models.ts'
import { routineMethods } from './resources/routines.ts'
import { tableMethods } from './resources/tables.ts'
import { runRequest } from './script/request.ts'
import type { Warehouse } from './warehouse.ts'

export interface WarehouseOptions {
  /** Folder of the database file and its temporary files; made if need be. */
  readonly dir: string
  /** The project that three-part names must name. */
  readonly project: string
  /** Bytes. @default half of the machine's memory, at most 4 GB */
  readonly memoryLimit?: number
  /** @default the machine's */
  readonly threads?: number
}

/** Opens (or makes) the warehouse of a folder. One process at a time may have it open. */
export async function openWarehouse(options: WarehouseOptions): Promise<Warehouse> {
  const database = await Database.open(options)
  const { project } = options
  return {
    ...datasetMethods(database, project),
    ...tableMethods(database, project),
    ...routineMethods(database, project),
    ...modelMethods(database, project),
    query: (request) => runRequest(database, request),
    load: (request) => loadFiles(database, project, request),
    extract: (request) => extractTable(database, project, request),
    copy: (request) => copyTables(database, project, request),
    insertRows: (table, rows, settings) => insertRows(database, project, table, rows, settings),
    readTable: (table, now, partition) => readTable(database, project, table, now, partition),
    committedJobs: (keys) => database.committedJobs(keys),
    close: () => database.close(),
  }
}
