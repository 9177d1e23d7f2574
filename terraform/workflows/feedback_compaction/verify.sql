SELECT 'raw' AS side, count(*) AS lines, count(DISTINCT feedback_id) AS ids, sum(revision) AS revisions,
  ${contents}
FROM (
  SELECT ${columns},
    row_number() OVER (PARTITION BY feedback_id ORDER BY revision DESC) AS place
  FROM ${raw}
  WHERE year = {year} AND month = {month} AND day = {day}
) AS ranked
WHERE place = 1
UNION ALL
SELECT 'written' AS side, count(*) AS lines, count(DISTINCT feedback_id) AS ids, sum(revision) AS revisions,
  ${contents}
FROM ${runs}
WHERE year = {year} AND month = {month} AND day = {day} AND run = '{run}'
ORDER BY 1
