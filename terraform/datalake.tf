# The data lake: every piece of feedback, without personal data, for questions in SQL.

locals {
  account         = data.aws_caller_identity.current.account_id
  datalake_bucket = "feedback-data-lake-${local.suffix}-${local.account}"

  # What lambda_src/customer_platform/lake/rows.py writes.
  feedback_columns = [
    { name = "feedback_id", type = "string", comment = "UUID, as in the API." },
    { name = "created_at", type = "timestamp", comment = "UTC, to the millisecond." },
    { name = "customer", type = "string", comment = "Salted hash of who wrote it; null for the anonymous." },
    { name = "rating", type = "int", comment = "1 to 5; null for bare text." },
    { name = "message", type = "string", comment = "Without e-mail addresses and the submitter's name." },
    { name = "sentiment", type = "string", comment = "positive, neutral, negative or mixed." },
    { name = "sentiment_engine", type = "string", comment = "comprehend, or lexicon where that did not answer." },
    { name = "language", type = "string", comment = "Language that was assumed, such as en." },
    { name = "score_positive", type = "double", comment = "Share of the text, 0 to 1." },
    { name = "score_neutral", type = "double", comment = "Share of the text, 0 to 1." },
    { name = "score_negative", type = "double", comment = "Share of the text, 0 to 1." },
    { name = "score_mixed", type = "double", comment = "Share of the text, 0 to 1." },
    { name = "revision", type = "int", comment = "0 as first analysed, 1 as Comprehend answered later; of one feedback_id, the highest counts." },
  ]

  feedback_raw = {
    description = "Feedback as it was exported, in the partition of the day (UTC) on which it was written. A feedback_id may be here more than once: the highest revision counts."
    prefix      = local.feedback_prefixes.raw
    columns     = local.feedback_columns
    first_year  = local.feedback_first_year
  }

  # A query is a file; its first line, a comment, is the question that it answers.
  queries = { for file in fileset("${path.module}/queries", "*.sql") :
    trimsuffix(file, ".sql") => file("${path.module}/queries/${file}")
  }
}

module "datalake" {
  source = "../modules/datalake"

  names = {
    bucket         = local.datalake_bucket
    results_bucket = "feedback-athena-results-${local.suffix}-${local.account}"
    database       = "feedback_database_${replace(local.suffix, "-", "_")}"
    workgroup      = "feedback-analytics-${local.suffix}"
    crawler        = "feedback-crawler-${local.suffix}"
    crawler_role   = "glue-crawler-feedback-role-${local.suffix}"
  }

  tables = merge(
    { (local.feedback_tables.raw) = local.feedback_raw },
    # The embedded cloud has no views: people ask the raw rows there, by the view's name.
    var.emulator_endpoint == null ? {} : { feedback = local.feedback_raw },
  )
  compacted_tables = {
    (local.feedback_tables.compacted) = {
      description = "Feedback of days that are over, each feedback_id once, as Parquet. A day is registered when it was written and verified."
      prefix      = local.feedback_prefixes.compacted
      columns     = local.feedback_columns
      runs_table  = local.feedback_tables.runs
      first_year  = local.feedback_first_year
    }
  }
  views = {
    (local.feedback_tables.view) = {
      description = "One piece of feedback, in the partition of the day (UTC) on which it was written: compacted below the cut-off, raw from it on."
      columns     = local.feedback_view_columns
      sql         = replace(replace(local.compaction_sql.view, "{cut_off_number}", replace(local.feedback_first_cut_off, "-", "")), "{cut_off_year}", tostring(local.feedback_first_year))
      parameters  = { cut_off = local.feedback_first_cut_off }
    }
  }

  named_queries = { for name, sql in local.queries : name => {
    description = trimspace(trimprefix(split("\n", sql)[0], "--"))
    sql         = sql
  } }
  query_suffix = local.suffix

  query_result_retention_days    = var.athena_query_result_retention_days
  bytes_scanned_cutoff_per_query = var.datalake.bytes_scanned_cutoff_per_query
  force_destroy                  = !var.datalake.deletion_protection

  require_tls = var.emulator_endpoint == null
  kms_key_arn = var.kms_key_arn
  tags        = local.tags
}

# Made once, and written without ever being in the state or the plan. A new version gives every
# customer a new hash: rows from before and after can no longer be told to be the same person's.
ephemeral "aws_secretsmanager_random_password" "customer_salt" {
  password_length     = 64
  exclude_punctuation = true
}

resource "aws_ssm_parameter" "customer_salt" {
  #checkov:skip=CKV_AWS_337:kms_key_arn decides; without it AWS's own key for Parameter Store encrypts. Cost: $1 a month for a customer-managed key.
  name        = "/feedback/${local.suffix}/customer-salt"
  description = "Salt of the customers' hashes in the data lake of ${local.suffix}."
  type        = "SecureString"
  key_id      = var.kms_key_arn

  value_wo         = ephemeral.aws_secretsmanager_random_password.customer_salt.random_password
  value_wo_version = var.datalake.salt_version

  tags = local.tags
}
