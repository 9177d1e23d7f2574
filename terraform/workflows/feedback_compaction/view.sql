SELECT ${columns}, year, month, day
FROM ${compacted}
WHERE year * 10000 + month * 100 + day < {cut_off_number}
UNION ALL
SELECT ${columns}, year, month, day
FROM (
  SELECT ${columns}, year, month, day,
    row_number() OVER (PARTITION BY year, month, day, feedback_id ORDER BY revision DESC) AS place
  FROM ${raw}
  WHERE year BETWEEN {cut_off_year} AND extract(YEAR FROM current_date + INTERVAL '1' DAY)
    AND year * 10000 + month * 100 + day BETWEEN {cut_off_number} AND
      extract(YEAR FROM current_date + INTERVAL '1' DAY) * 10000
      + extract(MONTH FROM current_date + INTERVAL '1' DAY) * 100
      + extract(DAY FROM current_date + INTERVAL '1' DAY)
) AS ranked
WHERE place = 1
