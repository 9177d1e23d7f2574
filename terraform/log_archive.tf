# The archive of logs: CloudWatch keeps them for log_retention_days, S3 for a year.

locals {
  # Every log group of the stack but the archive's own: tests/plan/test_log_archive.py fails if one is
  # missing here. By keys that are known when Terraform plans.
  log_groups = merge(
    { for handler, function in module.function : "function-${replace(handler, "_", "-")}" => function.log_group_name },
    { for kind, group in module.api.log_group_names : "api-${kind}" => group },
    { for name, workflow in local.workflows : "workflow-${name}" => workflow.log_group_name },
  )
}

module "log_archive" {
  source = "../modules/log_archive"
  count  = var.log_archive.enabled ? 1 : 0

  name = "log-archive-${local.suffix}"
  names = {
    bucket            = "log-archive-${local.suffix}-${local.account}"
    compliance_bucket = "log-archive-compliance-${local.suffix}-${local.account}"
    delivery_role     = "firehose-log-archive-role-${local.suffix}"
    subscription_role = "logs-log-archive-role-${local.suffix}"
    replication_role  = "s3-log-archive-role-${local.suffix}"
  }
  log_groups = local.log_groups

  transition_days = var.log_archive.transition_days
  retention_days  = var.log_archive.retention_days
  compliance      = var.log_archive.compliance

  alarm_actions      = [local.topic_arns.warning]
  log_retention_days = var.log_retention_days
  force_destroy      = !var.log_archive.deletion_protection
  kms_key_arn        = var.kms_key_arn
  require_tls        = var.emulator_endpoint == null
  tags               = local.tags
}
