import { model } from 'dagwright'
import { rawTables } from '../../../steps/anilist/contract.ts'

/** Responses as AniList sent them; every later layer can be rebuilt from here. */
export const rawList = model({
  layer: 'raw',
  ...rawTables.media_list,
  retentionDays: null,
})
