/** Where the columns of queries come from, by their text alone. */
export {
  relation,
  union,
  type LineageColumn,
  type Relation,
  type Shape,
  type Sources,
  type Value,
} from './relation.ts'
export { queryRelation } from './query.ts'
export { scriptLineage, type ScriptLineage, type Written } from './script.ts'
export { newSession, rootScope, type Session, type TableLookup, type Unknown } from './scope.ts'
