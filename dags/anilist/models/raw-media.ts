import { model } from 'dagwright'
import { rawTables } from '../../../steps/anilist/contract.ts'

/** Anime as AniList sent them, where the list names them without describing them. */
export const rawMedia = model({
  layer: 'raw',
  ...rawTables.media,
  retentionDays: null,
})
