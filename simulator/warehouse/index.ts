export { openWarehouse } from './open.ts'
export * from './warehouse.ts'
