export { compileDag, type CompiledDag, type CompileOptions } from './compile.ts'
export { findDags, loadDags } from './load.ts'
