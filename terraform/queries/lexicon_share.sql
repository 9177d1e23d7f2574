-- What share of each day's feedback was analysed by the lexicon because Comprehend did not answer?
SELECT
  CAST(created_at AS date) AS created_on,
  count(*) FILTER (WHERE sentiment_engine = 'lexicon') AS lexicon,
  count(*) AS items,
  round(100.0 * count(*) FILTER (WHERE sentiment_engine = 'lexicon') / count(*), 1) AS percentage
FROM feedback
WHERE year >= extract(YEAR FROM current_date - INTERVAL '30' DAY)
  AND year * 10000 + month * 100 + day >=
    extract(YEAR FROM current_date - INTERVAL '30' DAY) * 10000
    + extract(MONTH FROM current_date - INTERVAL '30' DAY) * 100
    + extract(DAY FROM current_date - INTERVAL '30' DAY)
GROUP BY 1
ORDER BY 1
