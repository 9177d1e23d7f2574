# A vault, and a plan that puts a backup of every table into it on a schedule. The role is in iam.tf, who
# hears of failures in notifications.tf.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  # Spelled out: the role needs it first.
  vault_arn = join(":", [
    "arn", data.aws_partition.current.partition, "backup", data.aws_region.current.name,
    data.aws_caller_identity.current.account_id, "backup-vault", var.name,
  ])
}

# Always encrypted: without a key of one's own, by AWS Backup's.
resource "aws_backup_vault" "this" {
  #checkov:skip=CKV_AWS_166:kms_key_arn decides; without it the key of AWS Backup encrypts. Cost: $1 a month for a customer-managed key.
  name          = var.name
  kms_key_arn   = var.kms_key_arn
  force_destroy = var.force_destroy

  tags = var.tags
}

# Governance: who has backup:DeleteBackupVaultLockConfiguration can still take it away. Compliance would
# need changeable_for_days, after which nobody could, and no destroy would end.
resource "aws_backup_vault_lock_configuration" "this" {
  count = var.lock == null ? 0 : 1

  backup_vault_name  = aws_backup_vault.this.name
  min_retention_days = var.lock.min_retention_days
  max_retention_days = var.lock.max_retention_days

  lifecycle {
    # Backups that the lock does not take fail one by one, weeks later.
    precondition {
      condition     = var.rule.retention_days >= var.lock.min_retention_days && var.rule.retention_days <= coalesce(var.lock.max_retention_days, 36500)
      error_message = "rule.retention_days must be within the lock's min_retention_days and max_retention_days: the vault refuses other backups."
    }
  }
}

resource "aws_backup_plan" "this" {
  name = var.name

  rule {
    rule_name         = "scheduled"
    target_vault_name = aws_backup_vault.this.name
    schedule          = var.rule.schedule
    start_window      = var.rule.start_window_minutes
    completion_window = var.rule.completion_window_minutes

    lifecycle {
      delete_after       = var.rule.retention_days
      cold_storage_after = var.rule.cold_storage_after_days
    }

    recovery_point_tags = var.tags
  }

  tags = var.tags
}

# By ARN: a wildcard would take other stacks' tables too, and one that is gone would not be missed.
resource "aws_backup_selection" "this" {
  name         = var.name
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.this.arn
  resources    = var.table_arns

  # AWS Backup tries the role when it is chosen.
  depends_on = [aws_iam_role_policy.this]
}
