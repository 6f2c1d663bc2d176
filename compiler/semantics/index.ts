export { decide, type Upstream } from './decide.ts'
export { effectiveLeaves } from './leaves.ts'
export {
  rules,
  setupRule,
  teardownRule,
  type Clause,
  type Decision,
  type FinalState,
  type Rule,
  type Test,
} from './rules.ts'
export { descendantsOf, neededSetups } from './setups.ts'
