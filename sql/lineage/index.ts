/** Where the columns of queries come from, by their text alone. */
export { relation, type Relation, type Shape, type Sources, type Value } from './relation.ts'
export { queryRelation } from './query.ts'
export { scriptLineage } from './script.ts'
export { newSession, rootScope, type TableLookup, type Unknown } from './scope.ts'
