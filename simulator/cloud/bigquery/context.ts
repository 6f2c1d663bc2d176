import type { Clock } from '../../clock.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import type { StorageService } from '../storage/index.ts'
import type { JobRunner } from './runner.ts'
import type { JobStore } from './job-store.ts'
import type { Quotas } from './quotas.ts'

/** What the handlers of the BigQuery service share. */
export interface BigQueryContext {
  readonly project: string
  readonly clock: Clock
  readonly warehouse: Warehouse
  readonly storage: StorageService
  readonly jobs: JobStore
  readonly runner: JobRunner
  readonly quotas: Quotas
  /** Folder for files of this process; empty at the start. */
  readonly temporary: string
}
