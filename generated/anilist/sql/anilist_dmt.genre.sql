-- Watched anime (COMPLETED, REPEATING) per genre and day
CREATE OR REPLACE PROCEDURE `anilist_dmt.build_genre__2f016c7e`(
  run_id STRING,
  load_id STRING,
  reference_date DATE,
  logical_date TIMESTAMP,
  interval_start TIMESTAMP,
  interval_end TIMESTAMP,
  run_time TIMESTAMP,
  params STRING
)
BEGIN
  DECLARE today DATE DEFAULT reference_date;
  DECLARE this_load STRING DEFAULT load_id;
  DECLARE this_time TIMESTAMP DEFAULT run_time;

  BEGIN TRANSACTION;

  DELETE FROM `anilist_dmt.genre` WHERE reference_date = today;

  INSERT INTO `anilist_dmt.genre` (
    reference_date, genre, watched, minutes, mean_score, community_score, position, _load_id, _loaded_at)
  SELECT today, genre, COUNT(*), SUM(e.minutes_watched),
    ROUND(AVG(CAST(e.score_100 AS NUMERIC)), 4),
    ROUND(AVG(CAST(e.community_score AS NUMERIC)), 4),
    RANK() OVER (ORDER BY COUNT(*) DESC),
    this_load, this_time
  FROM `anilist_ref.entry_day` AS e
  CROSS JOIN UNNEST(e.genres) AS genre
  WHERE e.reference_date = today AND e.status IN ('COMPLETED', 'REPEATING')
  GROUP BY genre;

  COMMIT TRANSACTION;
END;
