SELECT id, status
FROM {{entrys}}
WHERE day = {{run.date}}
