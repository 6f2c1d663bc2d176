export * from './tree.ts'
export { parseWorkflow } from './parse.ts'
