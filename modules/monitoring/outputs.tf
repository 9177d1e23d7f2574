# Topics come with who may publish to them; they do not wait for functions and tables, so that those
# may name them.

output "topic_arns" {
  description = "ARNs of the topics by severity: critical, warning, deployments."
  value       = local.topic_arns
  depends_on  = [aws_sns_topic.this, aws_sns_topic_policy.this]
}

output "kms_key_arn" {
  description = "ARN of the topics' key. A role that publishes needs kms:Decrypt and kms:GenerateDataKey on it."
  value       = var.kms_key_arn == null ? one(aws_kms_key.topics[*].arn) : var.kms_key_arn
}

output "namespace" {
  description = "Namespace of the metrics that are read from the functions' logs."
  value       = local.namespace
}

output "alarms" {
  description = "Every alarm by the beginning of its name: name, arn, kind (errors, throttles, …, own), about (the function, table, queue or API), severity."
  value = { for name, alarm in local.alarms : name => {
    name     = aws_cloudwatch_metric_alarm.this[name].alarm_name
    arn      = "arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:${name}-${var.suffix}"
    kind     = alarm.kind
    about    = alarm.about
    severity = alarm.severity
  } }
}

output "error_alarm_names" {
  description = "Name of the error alarm of each function, by handler."
  value = { for handler, name in local.function_names : handler => aws_cloudwatch_metric_alarm.this["${name}-errors"].alarm_name
    if contains(keys(local.alarms), "${name}-errors")
  }
}

output "composite_alarm_names" {
  description = "Names of the alarms that gather others: api-unhealthy."
  value       = aws_cloudwatch_composite_alarm.api[*].alarm_name
}

output "dashboard_names" {
  description = "Names of the dashboards: system-health, business."
  value       = { for dashboard, made in aws_cloudwatch_dashboard.this : dashboard => made.dashboard_name }
}
