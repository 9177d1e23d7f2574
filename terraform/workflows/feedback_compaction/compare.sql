WITH raw_days AS (
  SELECT year, month, day, count(*) AS ids, sum(revision) AS revisions
  FROM (
    SELECT year, month, day, feedback_id, max(revision) AS revision
    FROM ${raw}
    WHERE year BETWEEN {from_year} AND {to_year}
      AND year * 10000 + month * 100 + day BETWEEN {from_number} AND {to_number}
    GROUP BY year, month, day, feedback_id
  ) AS highest
  GROUP BY year, month, day
), compacted_days AS (
  SELECT year, month, day, count(DISTINCT feedback_id) AS ids, count(*) AS lines, sum(revision) AS revisions
  FROM ${compacted}
  WHERE year BETWEEN {from_year} AND {to_year}
    AND year * 10000 + month * 100 + day BETWEEN {from_number} AND {to_number}
  GROUP BY year, month, day
)
SELECT
  coalesce(r.year, c.year) AS year,
  coalesce(r.month, c.month) AS month,
  coalesce(r.day, c.day) AS day,
  coalesce(r.ids, 0) AS raw_ids,
  coalesce(c.ids, 0) AS compacted_ids
FROM raw_days AS r
FULL OUTER JOIN compacted_days AS c ON r.year = c.year AND r.month = c.month AND r.day = c.day
WHERE coalesce(r.ids, 0) <> coalesce(c.ids, 0)
  OR coalesce(r.ids, 0) <> coalesce(c.lines, 0)
  OR coalesce(r.revisions, 0) <> coalesce(c.revisions, 0)
ORDER BY 1, 2, 3
LIMIT ${most_days + 1}
