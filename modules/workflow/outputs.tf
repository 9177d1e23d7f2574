output "name" {
  description = "Name of the state machine."
  value       = aws_sfn_state_machine.this.name
}

output "arn" {
  description = "ARN of the state machine: what StartExecution names."
  value       = aws_sfn_state_machine.this.arn
}

output "role_name" {
  description = "Name of the execution role."
  value       = aws_iam_role.this.name
}

output "role_arn" {
  description = "ARN of the execution role."
  value       = aws_iam_role.this.arn
}

output "log_group_name" {
  description = "Name of the log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "alarm_name" {
  description = "Name of the alarm on executions that end without success."
  value       = aws_cloudwatch_metric_alarm.unsuccessful.alarm_name
}

output "schedule_dead_letter_queue_url" {
  description = "URL of the queue of starts that failed for good; null without a schedule."
  value       = one(aws_sqs_queue.schedule_dead_letter[*].url)
}

output "schedule_dead_letter_queue_name" {
  description = "Name of the queue of starts that failed for good; null without a schedule."
  value       = one(aws_sqs_queue.schedule_dead_letter[*].name)
}
