import { column, model, sql } from 'dagwright'
import { loadColumns } from './columns.ts'
import { runVariables } from './run-variables.ts'
import { snapshotMediaJson } from './snapshot.ts'

/** The genres of each anime, replaced for every anime that a snapshot holds. */
export const truMediaGenre = model({
  layer: 'tru',
  dataset: 'anilist_tru',
  table: 'media_genre',
  description: 'Genres of the anime on the list',
  columns: {
    media_id: column.required(column.int64('AniList id of the anime')),
    genre: column.required(column.string('Genre as AniList names it')),
    reference_date: column.required(column.date('Last snapshot that held the anime')),
    ...loadColumns,
  },
  primaryKey: ['media_id', 'genre'],
  partitionBy: 'reference_date',
  clusterBy: ['media_id'],
  retentionDays: 5 * 365,
  sql: (self) => sql`
${runVariables}

CREATE TEMP TABLE snapshot AS
WITH ${snapshotMediaJson}
SELECT media_id, JSON_VALUE_ARRAY(media, '$.genres') AS genres
FROM media_json;

BEGIN TRANSACTION;

DELETE FROM ${self}
WHERE reference_date <= today AND media_id IN (SELECT media_id FROM snapshot);

INSERT INTO ${self} (media_id, genre, reference_date, _load_id, _loaded_at)
SELECT DISTINCT s.media_id, genre, today, this_load, this_time
FROM snapshot AS s
CROSS JOIN UNNEST(s.genres) AS genre
WHERE s.media_id NOT IN (SELECT media_id FROM ${self});

COMMIT TRANSACTION;
`,
})
