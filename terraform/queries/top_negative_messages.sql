-- Which twenty messages of the last seven days were the most negative?
SELECT created_at, feedback_id, rating, round(score_negative, 4) AS score_negative, message
FROM feedback
WHERE year >= extract(YEAR FROM current_date - INTERVAL '7' DAY)
  AND year * 10000 + month * 100 + day >=
    extract(YEAR FROM current_date - INTERVAL '7' DAY) * 10000
    + extract(MONTH FROM current_date - INTERVAL '7' DAY) * 100
    + extract(DAY FROM current_date - INTERVAL '7' DAY)
  AND sentiment = 'negative'
ORDER BY score_negative DESC, created_at DESC
LIMIT 20
