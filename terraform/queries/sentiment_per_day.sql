-- How did people feel, day by day, in the last 30 days?
SELECT
  CAST(created_at AS date) AS created_on,
  count(*) FILTER (WHERE sentiment = 'positive') AS positive,
  count(*) FILTER (WHERE sentiment = 'neutral') AS neutral,
  count(*) FILTER (WHERE sentiment = 'negative') AS negative,
  count(*) FILTER (WHERE sentiment = 'mixed') AS mixed,
  count(*) AS total
FROM feedback
WHERE year >= extract(YEAR FROM current_date - INTERVAL '30' DAY)
  AND year * 10000 + month * 100 + day >=
    extract(YEAR FROM current_date - INTERVAL '30' DAY) * 10000
    + extract(MONTH FROM current_date - INTERVAL '30' DAY) * 100
    + extract(DAY FROM current_date - INTERVAL '30' DAY)
GROUP BY 1
ORDER BY 1
