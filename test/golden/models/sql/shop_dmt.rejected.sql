-- Refused sales by rule
CREATE OR REPLACE PROCEDURE `shop_dmt.build_rejected__bb9e993b`(
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
  SELECT rule, COUNT(*) FROM `shop_tru.rejected` GROUP BY rule;
END;
