-- At which hours of the day (UTC) did feedback come in, over the last 30 days?
SELECT
  extract(HOUR FROM created_at) AS hour,
  count(*) AS items,
  round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS percentage
FROM feedback
WHERE year >= extract(YEAR FROM current_date - INTERVAL '30' DAY)
  AND year * 10000 + month * 100 + day >=
    extract(YEAR FROM current_date - INTERVAL '30' DAY) * 10000
    + extract(MONTH FROM current_date - INTERVAL '30' DAY) * 100
    + extract(DAY FROM current_date - INTERVAL '30' DAY)
GROUP BY 1
ORDER BY 1
