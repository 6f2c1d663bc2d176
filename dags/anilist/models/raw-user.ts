import { model } from 'dagwright'
import { rawTables } from '../../../steps/anilist/contract.ts'

/** The profile as AniList sent it, once a run. */
export const rawUser = model({
  layer: 'raw',
  ...rawTables.user,
  retentionDays: null,
})
