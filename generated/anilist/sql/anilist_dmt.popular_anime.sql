-- Anime on the profile per day, by popularity on AniList
CREATE OR REPLACE PROCEDURE `anilist_dmt.build_popular_anime__17094cd4`(
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

  DELETE FROM `anilist_dmt.popular_anime` WHERE reference_date = today;

  INSERT INTO `anilist_dmt.popular_anime` (
    reference_date, media_id, title, popularity, favourites, score_100, position, _load_id, _loaded_at)
  SELECT today, media_id, title, popularity, favourites, score_100,
    RANK() OVER (ORDER BY popularity DESC), this_load, this_time
  FROM `anilist_ref.entry_day`
  WHERE reference_date = today;

  COMMIT TRANSACTION;
END;
