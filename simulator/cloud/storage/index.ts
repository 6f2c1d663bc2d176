export { createStorageService } from './service.ts'
export type { LocalFile, StorageService } from './service.ts'
export type { ObjectAttributes, ObjectVersion } from './model.ts'
