export { openWarehouse } from './open.ts'
export type { WarehouseOptions } from './open.ts'
export * from './warehouse.ts'
