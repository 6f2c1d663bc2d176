export { createBigQueryService } from './service.ts'
