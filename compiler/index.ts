export { compileDag, type CompiledDag } from './compile.ts'
export { driftOf, type Drift } from './drift.ts'
export { findDags, loadDags, loadModule } from './load.ts'
export { percentUsed, type HeadRoom } from './check/head-room.ts'
