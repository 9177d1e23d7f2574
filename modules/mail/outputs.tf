output "configuration_set_name" {
  description = "Name of the configuration set."
  value       = aws_sesv2_configuration_set.this.configuration_set_name
}

output "configuration_set_arn" {
  description = "ARN of the configuration set: SendEmail asks for ses:SendEmail on it, besides the identity's."
  value       = local.configuration_set_arn
}

output "topic_arn" {
  description = "ARN of the topic of events."
  value       = local.topic_arn
  depends_on  = [aws_sns_topic.events, aws_sns_topic_policy.events]
}
