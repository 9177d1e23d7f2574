-- Which ten days of the last 90 had the largest share of negative feedback?
SELECT
  CAST(created_at AS date) AS created_on,
  round(100.0 * count(*) FILTER (WHERE sentiment = 'negative') / count(*), 1) AS negative_percentage,
  round(avg(CAST(rating AS double)), 2) AS average_rating,
  count(*) AS items
FROM feedback
WHERE year >= extract(YEAR FROM current_date - INTERVAL '90' DAY)
  AND year * 10000 + month * 100 + day >=
    extract(YEAR FROM current_date - INTERVAL '90' DAY) * 10000
    + extract(MONTH FROM current_date - INTERVAL '90' DAY) * 100
    + extract(DAY FROM current_date - INTERVAL '90' DAY)
GROUP BY 1
ORDER BY negative_percentage DESC, items DESC, created_on
LIMIT 10
