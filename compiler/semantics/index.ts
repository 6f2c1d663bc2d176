export { decide } from './decide.ts'
export { descentOf, type Descent } from './descent.ts'
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
