/** The factories that lowering writes with; `steps` reads better as `block` where a block is meant. */
export * from '../../language/index.ts'
export { steps as block } from '../../language/index.ts'
