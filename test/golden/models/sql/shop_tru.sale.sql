-- Sales, one row each
CREATE OR REPLACE PROCEDURE `shop_tru.build_sale__8e2f3631`(
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
  INSERT INTO `shop_tru.rejected` SELECT object, 'title', run_time FROM (SELECT object, JSON_VALUE(payload, '$.title') AS title FROM `shop_raw.sale` WHERE day = reference_date) WHERE title IS NULL;

  MERGE `shop_tru.sale` AS t USING (SELECT object, JSON_VALUE(payload, '$.title') AS title FROM `shop_raw.sale` WHERE day = reference_date) AS s ON t.object = s.object
  WHEN NOT MATCHED THEN INSERT (object) VALUES (s.object);
END;
