UNLOAD (
  SELECT ${columns}
  FROM (
    SELECT ${columns},
      row_number() OVER (PARTITION BY feedback_id ORDER BY revision DESC) AS place
    FROM ${raw}
    WHERE year = {year} AND month = {month} AND day = {day}
  ) AS ranked
  WHERE place = 1
)
TO '${location}{folder}'
WITH (format = 'PARQUET', compression = 'ZSTD')
