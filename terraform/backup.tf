# Backups of every table, weekly. Point-in-time recovery, which every table has besides, goes back 35 days.

locals {
  # Every table of the stack: tests/plan/test_backup.py fails if one is missing here.
  tables = [module.feedback_table, module.analytics_table, module.idempotency_table]

  # Of their names, which are known when Terraform plans.
  table_arns = [for table in local.tables :
    "arn:${data.aws_partition.current.partition}:dynamodb:${var.aws_region}:${local.account}:table/${table.name}"
  ]

  # Topics of the module monitoring, by the names that they have there.
  recovery_topics = { for severity in ["critical", "warning"] :
    severity => "arn:${data.aws_partition.current.partition}:sns:${var.aws_region}:${local.account}:${severity}-${local.suffix}"
  }
}

module "backup" {
  source = "../modules/backup"
  count  = var.backup.enabled ? 1 : 0

  name       = "backups-${local.suffix}"
  role_name  = "backup-tables-role-${local.suffix}"
  table_arns = local.table_arns
  rule       = var.backup.rule
  lock       = var.backup.lock

  # The embedded cloud keeps no notifications of a vault, and refuses to be given any.
  notification_topic_arn = var.emulator_endpoint == null ? local.recovery_topics.warning : null
  alarm_actions          = [local.recovery_topics.critical]

  force_destroy = !var.backup.deletion_protection
  kms_key_arn   = var.kms_key_arn
  tags          = local.tags
}
