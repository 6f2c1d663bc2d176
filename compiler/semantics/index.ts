export { decide } from './decide.ts'
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
export { descendantsOf, neededSetups } from './setups.ts'
