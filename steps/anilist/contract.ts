import { z } from 'zod'
import { defineContract } from '../runtime/contract.ts'

/** What an environment may set: another endpoint (proxy, sample service) and the client's own rate. */
const env = ['ANILIST_ENDPOINT', 'ANILIST_REQUESTS_PER_MINUTE'] as const

const userName = z.string().trim().min(1).max(64).describe('name of a public AniList profile')

const date = z.iso
  .date()
  .optional()
  .describe('day that the snapshot is filed under; the reference date of the run when left out')

/** One version of one object in the run's bucket. */
const objectVersion = z.object({
  object: z.string().describe('name in the bucket'),
  generation: z.string().regex(/^\d+$/).describe('version of the object'),
})

/** A response body as it was staged, bytes unchanged. */
const stagedObject = objectVersion.extend({
  md5: z.string().describe('of the bytes, hexadecimal'),
  bytes: z.int().nonnegative(),
  chunk: z.int().positive(),
  hasNext: z.boolean(),
})

/** The profile itself: its id and in which format it scores. */
export const fetchUser = defineContract({
  name: 'anilist/fetch-user',
  image: 'steps',
  input: z.object({ userName, date }),
  output: z.object({
    userId: z.int(),
    userName: z.string().describe('as AniList spells it'),
    scoreFormat: z.string().nullable(),
    customLists: z.array(z.string()),
    object: z.string(),
    generation: z.string(),
    md5: z.string(),
    manifest: objectVersion,
  }),
  timeout: '10m',
  env,
  objects: ['anilist/<user>/user/dt=<date>/run=<run>/'],
})

/** The whole anime list of a profile, in chunks of 500 entries. */
export const fetchMediaList = defineContract({
  name: 'anilist/fetch-media-list',
  image: 'steps',
  input: z.object({ userName, date }),
  output: z.object({
    userName: z.string(),
    date: z.iso.date(),
    complete: z.boolean().describe('false when AniList itself may have left entries out'),
    chunks: z.int().positive(),
    entries: z.int().nonnegative().describe('distinct entries over all lists'),
    manifest: objectVersion,
    objects: z.array(stagedObject),
  }),
  timeout: '20m',
  env,
  objects: ['anilist/<user>/media_list/dt=<date>/run=<run>/'],
})

/** Media objects of the anime that a staged list names and does not describe; usually none. */
export const fetchMedia = defineContract({
  name: 'anilist/fetch-media',
  image: 'steps',
  input: z.object({
    userName,
    date,
    list: objectVersion.describe('the manifest of the list'),
  }),
  output: z.object({
    userName: z.string(),
    date: z.iso.date(),
    complete: z.boolean().describe('false when more are missing than one run asks for'),
    missing: z.int().nonnegative().describe('anime that the list does not describe'),
    asked: z.int().nonnegative().describe('of those, how many AniList was asked for'),
    found: z.int().nonnegative().describe('of those, how many AniList described'),
    manifest: objectVersion,
    objects: z.array(stagedObject),
  }),
  timeout: '20m',
  env,
  objects: ['anilist/<user>/media/dt=<date>/run=<run>/'],
})

/** Brings staged responses into the tables of their resources, `rawTables`; what is there already is left alone. */
export const loadRaw = defineContract({
  name: 'anilist/load-raw',
  image: 'steps',
  input: z.object({
    userName,
    manifests: z.array(objectVersion).min(1).describe('of the snapshots to load, whole and of any resource'),
  }),
  output: z.object({
    tables: z.array(
      z.object({
        table: z.string(),
        rows: z.int().nonnegative().describe('rows offered, one per object'),
        inserted: z.int().nonnegative().describe('rows that were not there before'),
      }),
    ),
  }),
  timeout: '20m',
})

/** What all RAW tables have: one row per staged response. The one place that names their columns. */
const rawTable = {
  dataset: 'anilist_raw',
  columns: [
    { name: 'object', type: 'STRING', description: 'name of the staged object in the bucket' },
    { name: 'generation', type: 'INT64', description: 'version of that object' },
    { name: 'md5', type: 'STRING', description: 'of its bytes, hexadecimal' },
    { name: 'user', type: 'STRING', description: 'profile that was asked for' },
    { name: 'type', type: 'STRING', description: 'media type that was asked for, ANIME; null for a profile' },
    { name: 'chunk', type: 'INT64', description: 'number of the chunk within the snapshot, from 1' },
    { name: 'has_next', type: 'BOOL', description: 'whether a further chunk followed' },
    { name: 'http_status', type: 'INT64', description: 'of the response' },
    { name: 'headers', type: 'JSON', description: 'of the response, names in lower case' },
    { name: 'payload', type: 'JSON', description: 'body of the response' },
    { name: 'requested_at', type: 'TIMESTAMP', description: 'when the request was sent' },
    { name: 'ingestion_date', type: 'DATE', description: 'reference date of the run that loaded the row' },
    { name: '_load_id', type: 'STRING', description: 'run and execution that loaded the row' },
    { name: '_loaded_at', type: 'TIMESTAMP', description: 'when the row was loaded' },
  ],
  primaryKey: ['object', 'generation'],
  partitionBy: 'ingestion_date',
} as const

/** The RAW table of each resource. */
export const rawTables = {
  user: {
    ...rawTable,
    table: 'user',
    description: 'Responses of User as AniList sent them, one row per version',
    clusterBy: [],
  },
  media_list: {
    ...rawTable,
    table: 'list',
    description: 'Responses of MediaListCollection as AniList sent them, one row per chunk and version',
    clusterBy: ['user'],
  },
  media: {
    ...rawTable,
    table: 'media',
    description:
      'Responses of Page.media as AniList sent them, for anime that a list does not describe, one row per page and version',
    clusterBy: [],
  },
} as const
