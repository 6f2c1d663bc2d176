import { column, model, quality, sql, write } from 'dagwright'
import { rawUser } from './raw-user.ts'
import { referenceDate, retention } from './columns.ts'

/** The profile, one row a day. */
export const truUser = model({
  layer: 'tru',
  dataset: 'anilist_tru',
  table: 'user',
  description: 'Profiles, one row per day',
  columns: {
    user_id: column.required(column.int64('AniList id of the profile')),
    reference_date: referenceDate,
    name: column.string('Name of the profile as AniList spells it'),
    score_format: column.string(
      'How the profile scores: POINT_100, POINT_10_DECIMAL, POINT_10, POINT_5 or POINT_3',
    ),
    custom_lists: column.array(column.string('Names of its own lists, in its order')),
  },
  primaryKey: ['user_id', 'reference_date'],
  partitionBy: 'reference_date',
  clusterBy: ['user_id'],
  retentionDays: retention.tru,
  write: write.replacePartition(),
  sql: sql`
WITH profiles AS (
  SELECT requested_at, _load_id, JSON_QUERY(payload, '$.data.User') AS profile
  FROM ${rawUser}
  WHERE ingestion_date = ${sql.run.date} AND http_status = 200
)
SELECT SAFE_CAST(JSON_VALUE(profile, '$.id') AS INT64) AS user_id,
  JSON_VALUE(profile, '$.name') AS name,
  JSON_VALUE(profile, '$.mediaListOptions.scoreFormat') AS score_format,
  IFNULL(JSON_VALUE_ARRAY(profile, '$.mediaListOptions.animeList.customLists'), ARRAY<STRING>[]) AS custom_lists
FROM profiles
WHERE SAFE_CAST(JSON_VALUE(profile, '$.id') AS INT64) IS NOT NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY requested_at DESC, _load_id DESC) = 1
`,
  tests: [
    quality.notNull('name'),
    quality.acceptedValues(
      'score_format',
      ['POINT_100', 'POINT_10_DECIMAL', 'POINT_10', 'POINT_5', 'POINT_3'],
      {
        severity: 'warn',
      },
    ),
  ],
})
