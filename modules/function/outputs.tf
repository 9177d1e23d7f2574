output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "arn" {
  description = "ARN of the function, without a version."
  value       = aws_lambda_function.this.arn
}

output "version" {
  description = "Newest published version: what a release moves the alias to."
  value       = aws_lambda_function.this.version
}

output "alias_name" {
  description = "Name of the alias that callers use."
  value       = aws_lambda_alias.live.name
}

output "alias_arn" {
  description = "ARN of the alias."
  value       = aws_lambda_alias.live.arn
}

output "alias_invoke_arn" {
  description = "ARN by which API Gateway invokes the alias."
  value       = aws_lambda_alias.live.invoke_arn
}

output "role_name" {
  description = "Name of the execution role."
  value       = aws_iam_role.this.name
}

output "role_arn" {
  description = "ARN of the execution role."
  value       = aws_iam_role.this.arn
}

output "schedules_role_name" {
  description = "Name of the role with which the scheduler invokes the alias; null when there are no schedules."
  value       = one(aws_iam_role.schedules[*].name)
}

output "log_group_name" {
  description = "Name of the log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "log_group_arn" {
  description = "ARN of the log group."
  value       = aws_cloudwatch_log_group.this.arn
}

output "dead_letter_queue_name" {
  description = "Name of the dead-letter queue; null when there is none."
  value       = one(aws_sqs_queue.dead_letter[*].name)
}

output "dead_letter_queue_arn" {
  description = "ARN of the dead-letter queue; null when there is none."
  value       = one(aws_sqs_queue.dead_letter[*].arn)
}

output "dead_letter_queue_url" {
  description = "URL of the dead-letter queue; null when there is none."
  value       = one(aws_sqs_queue.dead_letter[*].url)
}
