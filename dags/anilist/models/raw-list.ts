import { model } from 'dagwright'
import { rawListTable } from '../../../steps/anilist/contract.ts'

/** Responses as AniList sent them; every later layer can be rebuilt from here. */
export const rawList = model({
  layer: 'raw',
  dataset: rawListTable.dataset,
  table: rawListTable.table,
  description: rawListTable.description,
  columns: rawListTable.columns,
  primaryKey: ['object', 'generation'],
  partitionBy: 'ingestion_date',
  clusterBy: ['user'],
  retentionDays: null,
})
