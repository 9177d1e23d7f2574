output "bucket" {
  description = "Bucket of the archive."
  value       = aws_s3_bucket.this["archive"].id
}

output "bucket_arn" {
  description = "ARN of that bucket."
  value       = aws_s3_bucket.this["archive"].arn
}

output "compliance_bucket" {
  description = "Bucket of the copy that nobody can delete; null where there is none."
  value       = try(aws_s3_bucket.this["compliance"].id, null)
}

output "delivery_stream" {
  description = "Name of the delivery stream."
  value       = aws_kinesis_firehose_delivery_stream.this.name
}

output "log_group_name" {
  description = "Log group in which the stream says what it could not deliver. It is not archived."
  value       = aws_cloudwatch_log_group.delivery.name
}

output "alarm_names" {
  description = "Names of the alarms: logs that wait too long, and logs that could not be handed over."
  value       = concat([aws_cloudwatch_metric_alarm.stale.alarm_name], [for alarm in aws_cloudwatch_metric_alarm.forwarding : alarm.alarm_name])
}
