-- How often was each rating given in the last 30 days, and what share of all ratings is that?
SELECT
  rating,
  count(*) AS items,
  round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS percentage
FROM feedback
WHERE year >= extract(YEAR FROM current_date - INTERVAL '30' DAY)
  AND year * 10000 + month * 100 + day >=
    extract(YEAR FROM current_date - INTERVAL '30' DAY) * 10000
    + extract(MONTH FROM current_date - INTERVAL '30' DAY) * 100
    + extract(DAY FROM current_date - INTERVAL '30' DAY)
  AND rating IS NOT NULL
GROUP BY rating
ORDER BY rating
