export { createStorageService } from './service.ts'
export type { StorageService } from './service.ts'
