# Backups of every table, weekly. Point-in-time recovery, which every table has besides, goes back 35 days.

locals {
  # Of their names, which are known when Terraform plans.
  table_arns = [for table in values(local.tables) :
    "arn:${data.aws_partition.current.partition}:dynamodb:${var.aws_region}:${local.account}:table/${table.name}"
  ]
}

module "backup" {
  source = "../modules/backup"
  count  = var.backup.enabled ? 1 : 0

  name       = "backups-${local.suffix}"
  role_name  = "backup-tables-role-${local.suffix}"
  table_arns = local.table_arns
  rule       = var.backup.rule
  lock       = var.backup.lock

  # No notifications of the vault besides: AWS documents no condition by which a topic could take them
  # from this account's backups only.
  alarm_actions = [local.topic_arns.critical]

  force_destroy = !var.backup.deletion_protection
  kms_key_arn   = var.kms_key_arn
  tags          = local.tags
}
