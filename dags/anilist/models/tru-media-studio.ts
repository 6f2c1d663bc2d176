import { column, model, sql } from 'dagwright'
import { loadColumns } from './columns.ts'
import { runVariables } from './run-variables.ts'
import { snapshotMediaJson } from './snapshot.ts'

/** The studios of each anime, replaced for every anime that a snapshot holds. */
export const truMediaStudio = model({
  layer: 'tru',
  dataset: 'anilist_tru',
  table: 'media_studio',
  description: 'Studios of the anime on the list',
  columns: {
    media_id: column.required(column.int64('AniList id of the anime')),
    studio_id: column.required(column.int64('AniList id of the studio')),
    name: column.string('Name of the studio'),
    main: column.bool('Made the anime, rather than taking part'),
    reference_date: column.required(column.date('Last snapshot that held the anime')),
    ...loadColumns,
  },
  primaryKey: ['media_id', 'studio_id'],
  partitionBy: 'reference_date',
  clusterBy: ['media_id'],
  retentionDays: 5 * 365,
  sql: (self) => sql`
${runVariables}

CREATE TEMP TABLE snapshot AS
WITH ${snapshotMediaJson}
SELECT media_id, JSON_QUERY_ARRAY(media, '$.studios.edges') AS edges
FROM media_json;

BEGIN TRANSACTION;

DELETE FROM ${self}
WHERE reference_date <= today AND media_id IN (SELECT media_id FROM snapshot);

-- A studio can stand twice, once as main: one row, main wins.
INSERT INTO ${self} (media_id, studio_id, name, main, reference_date, _load_id, _loaded_at)
SELECT s.media_id,
  SAFE_CAST(JSON_VALUE(edge, '$.node.id') AS INT64),
  MAX(JSON_VALUE(edge, '$.node.name')),
  LOGICAL_OR(IFNULL(SAFE_CAST(JSON_VALUE(edge, '$.isMain') AS BOOL), FALSE)),
  today, this_load, this_time
FROM snapshot AS s
CROSS JOIN UNNEST(s.edges) AS edge
WHERE JSON_VALUE(edge, '$.node.id') IS NOT NULL AND s.media_id NOT IN (SELECT media_id FROM ${self})
GROUP BY 1, 2;

COMMIT TRANSACTION;
`,
})
