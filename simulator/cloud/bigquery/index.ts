export { createBigQueryService } from './service.ts'
export type { BigQueryService } from './service.ts'
