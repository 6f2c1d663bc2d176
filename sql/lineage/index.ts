/** Where the columns of queries come from, by their text alone. */
export { relation, union, type LineageColumn, type Relation, type Sources } from './relation.ts'
export { queryRelation } from './query.ts'
export { rootScope, scriptLineage, type ScriptLineage, type Written } from './script.ts'
export type { Session, TableLookup, Unknown } from './scope.ts'
