export { decide } from './decide.ts'
export { descentOf, type Descent } from './descent.ts'
export { failsAtOnce, lateFailures, type Fact, type LateFailure } from './late-failures.ts'
export { effectiveLeaves } from './leaves.ts'
export {
  rules,
  setupRule,
  teardownRule,
  type Clause,
  type Decision,
  type FinalState,
  type Rule,
} from './rules.ts'
export { neededSetups } from './setups.ts'
