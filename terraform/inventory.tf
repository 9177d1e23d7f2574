# What the stack consists of, for those that look after all of it: monitoring, backups, the archive of
# logs. tests/plan/test_watched.py, test_backup.py and test_log_archive.py fail for what is missing.

locals {
  # By name without the suffix; those of local.functions and of the API are known without a list.
  tables = merge({
    customer-feedback = module.feedback_table
    analytics         = module.analytics_table
    idempotency       = module.idempotency_table
    deployments       = module.deployments_table
  }, local.task_tables, local.message_tables, local.mail_tables)
  workflows = merge({
    feedback-compaction = module.feedback_compaction
    release             = module.release
  }, local.message_workflows)

  # Spelled out, as functions are: what depends on a topic that is yet to be made cannot be reviewed
  # in a plan.
  topic_arns = { for severity in ["critical", "deployments", "warning"] : severity => join(":", [
    "arn", data.aws_partition.current.partition, "sns", var.aws_region, local.account, "${severity}-${local.suffix}",
  ]) }
}
