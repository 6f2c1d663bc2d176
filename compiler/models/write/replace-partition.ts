import { insertSelect, type Target } from '../target.ts'

/** The partition of the run, or those that the SELECT has rows of, written anew. */
export function replacePartition(target: Target): string {
  const { table, seen, asOf, model } = target
  const insert = insertSelect(target, [], 'built_rows AS s')
  if (seen !== null) return `DELETE FROM ${table} WHERE ${seen} = ${asOf};\n\n${insert}`
  const column = model.partitionBy!
  const day = asOf === '_run_date' ? column : `DATE(${column})`
  // In a variable, so that only these partitions are read.
  return `SET _partitions = ARRAY(SELECT DISTINCT ${day} FROM built_rows WHERE ${column} IS NOT NULL);

DELETE FROM ${table} WHERE ${day} IN UNNEST(_partitions);

${insert}`
}
