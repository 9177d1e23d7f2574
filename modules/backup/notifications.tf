# Who hears that a backup is missing: an alarm counts, the vault tells which.

locals {
  unsuccessful = ["NumberOfBackupJobsAborted", "NumberOfBackupJobsExpired", "NumberOfBackupJobsFailed"]
}

resource "aws_cloudwatch_metric_alarm" "unsuccessful" {
  alarm_name          = "${var.name}-unsuccessful"
  alarm_description   = "A backup into the vault ${var.name} failed, was aborted, or did not start within its window: AWS Backup's jobs say which table's and why."
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching" # nothing runs most of the week
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions

  metric_query {
    id          = "unsuccessful"
    expression  = "SUM(METRICS())"
    label       = "Backups without success"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.unsuccessful
    content {
      id = lower(metric_query.value)

      metric {
        namespace   = "AWS/Backup"
        metric_name = metric_query.value
        dimensions  = { BackupVaultName = var.name }
        period      = 300
        stat        = "Sum"
      }
    }
  }

  tags = var.tags
}

resource "aws_backup_vault_notifications" "this" {
  count = var.notification_topic_arn == null ? 0 : 1

  backup_vault_name = aws_backup_vault.this.name
  sns_topic_arn     = var.notification_topic_arn
  # AWS tells every end by these two, whatever it was; of BACKUP_JOB_FAILED and its like, which the API
  # still takes, no message comes. A message's attribute State tells how it ended: filter on it.
  backup_vault_events = ["BACKUP_JOB_COMPLETED", "RESTORE_JOB_COMPLETED"]
}
