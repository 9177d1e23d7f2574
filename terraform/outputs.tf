output "api_base_url" {
  description = "Base URL of the API; paths such as /feedback follow it."
  value       = local.api_base_url
}

output "api_endpoint" {
  description = "URL for feedback submission."
  value       = "${local.api_base_url}/feedback"
}

output "api_gateway_id" {
  description = "ID of the REST API."
  value       = module.api.id
}

output "api_key_values" {
  description = "Values of the API keys, by name."
  value       = module.api.api_key_values
  sensitive   = true
}

output "lambda_function_name" {
  description = "Name of the feedback processor."
  value       = module.function["feedback_processor"].name
}

output "lambda_function_arn" {
  description = "ARN of the feedback processor."
  value       = module.function["feedback_processor"].arn
}

output "functions" {
  description = "Every function by handler: name, alias that callers use, newest published version, role, log group, dead-letter queue."
  value = { for handler, function in module.function : handler => {
    name              = function.name
    alias             = function.alias_name
    version           = function.version
    role              = function.role_name
    log_group         = function.log_group_name
    dead_letter_queue = function.dead_letter_queue_url
  } }
}

output "dynamodb_table_name" {
  description = "Name of the feedback table."
  value       = module.feedback_table.name
}

output "dynamodb_table_arn" {
  description = "ARN of the feedback table."
  value       = module.feedback_table.arn
}

output "analytics_table_name" {
  description = "Name of the table of aggregates."
  value       = module.analytics_table.name
}

output "idempotency_table_name" {
  description = "Name of the table that remembers idempotency keys for a day."
  value       = module.idempotency_table.name
}

output "s3_data_lake_bucket" {
  description = "Bucket of the data lake."
  value       = module.datalake.bucket
}

output "s3_data_lake_arn" {
  description = "ARN of the data lake's bucket."
  value       = module.datalake.bucket_arn
}

output "s3_athena_results_bucket" {
  description = "Bucket of Athena's query results."
  value       = module.datalake.results_bucket
}

output "glue_database_name" {
  description = "Glue database of the data lake's tables."
  value       = module.datalake.database
}

output "glue_crawler_name" {
  description = "Crawler that compares the lake with its tables, daily."
  value       = module.datalake.crawler
}

output "athena_workgroup_name" {
  description = "Athena workgroup to ask in."
  value       = module.datalake.workgroup
}

output "feedback_compaction_arn" {
  description = "State machine that turns the lake's past days into Parquet, nightly."
  value       = module.feedback_compaction.arn
}

output "athena_named_queries" {
  description = "ID of each query that is kept in the workgroup, by name."
  value       = module.datalake.named_queries
}

output "messages_table_name" {
  description = "Table of messages and their histories."
  value       = module.messages_table.name
}

output "message_workflow_arn" {
  description = "State machine that sends messages; an execution is named after its message."
  value       = module.customer_message.arn
}

output "message_dead_letter_queue_url" {
  description = "Queue of messages that failed: id and reason."
  value       = aws_sqs_queue.failed_messages.url
}

output "mail" {
  description = "From whom mail comes, and where contact requests go."
  value       = var.mail
}

output "email_events_topic_arn" {
  description = "Topic of what SES tells of messages: sent, delivered, bounced, complained of, rejected."
  value       = module.mail.topic_arn
}

output "recipients_table_name" {
  description = "Table of what is known of recipients, by hash: counts, and the suppression list."
  value       = module.recipients_table.name
}

output "deployments_table_name" {
  description = "Ledger of releases and rollbacks."
  value       = module.deployments_table.name
}

output "release_workflow_arn" {
  description = "State machine that releases new versions."
  value       = module.release.arn
}

output "cloudwatch_log_group" {
  description = "Log group of the feedback processor."
  value       = module.function["feedback_processor"].log_group_name
}

output "critical_topic_arn" {
  description = "Topic of alarms that need somebody now."
  value       = module.monitoring.topic_arns["critical"]
}

output "warning_topic_arn" {
  description = "Topic of alarms that somebody should look at within the day."
  value       = module.monitoring.topic_arns["warning"]
}

output "deployments_topic_arn" {
  description = "Topic of what releases and rollbacks did, or refused to do."
  value       = module.monitoring.topic_arns["deployments"]
}

output "alarms" {
  description = "Every alarm of modules/monitoring by the beginning of its name: name, arn, kind, about (function, table, queue or API), severity."
  value       = module.monitoring.alarms
}

output "dashboards" {
  description = "Dashboards, system-health and business: name, and URL in AWS's console."
  value = { for dashboard, name in module.monitoring.dashboard_names : dashboard => {
    name = name
    url  = "https://${var.aws_region}.${local.console}/cloudwatch/home?region=${var.aws_region}#dashboards/dashboard/${name}"
  } }
}

output "backup_vault" {
  description = "Vault of the tables' weekly backups; null where there are none."
  value       = one(module.backup[*].name)
}

output "backup_role_arn" {
  description = "Role with which AWS Backup restores a table of this stack; null without backups."
  value       = one(module.backup[*].role_arn)
}

output "log_archive_bucket" {
  description = "Bucket of the archive of logs; null where there is none."
  value       = one(module.log_archive[*].bucket)
}

output "aws_region" {
  description = "Region of the stack."
  value       = var.aws_region
}

output "environment_suffix" {
  description = "Suffix of the stack."
  value       = local.suffix
}

output "emulator_endpoint" {
  description = "Where AWS clients point when the stack is in the embedded cloud; null on AWS."
  value       = var.emulator_endpoint
}

output "tasks_table_name" {
  description = "Name of the table of tasks."
  value       = module.tasks_table.name
}

output "task_activity_table_name" {
  description = "Name of the table of what happened to tasks."
  value       = module.task_activity_table.name
}

output "site_url" {
  description = "Where the site opens."
  value       = local.site_url
}

output "site_bucket_name" {
  description = "Bucket that the site is published to."
  value       = module.site.bucket
}

output "site_distribution_id" {
  description = "CloudFront distribution of the site, for invalidations."
  value       = module.site.distribution_id
}

output "site_log_bucket" {
  description = "Bucket of the site's access logs and its web ACL's, in us-east-1; null where there are none."
  value       = module.site.log_bucket
}

output "site_alarm_topic_arn" {
  description = "Topic of the site's alarms, in us-east-1; null where there are none."
  value       = module.site.alarm_topic_arn
}
