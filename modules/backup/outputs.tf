# Who names the vault or its role may rely on both.

output "name" {
  description = "Name of the vault and of the plan."
  value       = aws_backup_vault.this.name
}

output "arn" {
  description = "ARN of the vault."
  value       = aws_backup_vault.this.arn
}

output "plan_id" {
  description = "ID of the plan."
  value       = aws_backup_plan.this.id
}

output "role_name" {
  description = "Name of the role with which AWS Backup works."
  value       = aws_iam_role.this.name
}

output "role_arn" {
  description = "ARN of that role: what a restore names."
  value       = aws_iam_role.this.arn
  depends_on  = [aws_iam_role_policy.this]
}

output "alarm_name" {
  description = "Name of the alarm on backups that end without success."
  value       = aws_cloudwatch_metric_alarm.unsuccessful.alarm_name
}
