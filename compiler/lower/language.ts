/** The factories that lowering writes with; `steps` reads better as `block` where a block is meant. */
export * from '../../language/tree.ts'
export { steps as block } from '../../language/tree.ts'
