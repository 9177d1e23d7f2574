# A site is there once its bucket's policy lets the distribution read.

output "domain_name" {
  description = "CloudFront's own name of the distribution."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "url" {
  description = "Where the site opens, without a slash at the end."
  value       = "https://${var.domain == null ? aws_cloudfront_distribution.this.domain_name : var.domain.name}"
  depends_on  = [aws_s3_bucket_policy.site, aws_route53_record.site]
}

output "distribution_id" {
  description = "ID of the distribution, for invalidations."
  value       = aws_cloudfront_distribution.this.id
}

output "distribution_arn" {
  description = "ARN of the distribution."
  value       = aws_cloudfront_distribution.this.arn
}

output "bucket" {
  description = "Bucket that the site is published to."
  value       = aws_s3_bucket.site.id
}

output "bucket_arn" {
  description = "ARN of that bucket."
  value       = local.bucket_arn
}

output "log_bucket" {
  description = "Bucket of access logs and the web ACL's; null where there are none."
  value       = one(aws_s3_bucket.logs[*].id)
}

output "web_acl_arn" {
  description = "ARN of the web ACL; null where there is none."
  value       = one(aws_wafv2_web_acl.this[*].arn)
}

output "alarm_topic_arn" {
  description = "Topic that hears of alarms, in us-east-1; null where there are none."
  value       = one(aws_sns_topic.alarms[*].arn)
}

output "alarm_names" {
  description = "Names of the alarms, in us-east-1."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.alarm_name }
}
