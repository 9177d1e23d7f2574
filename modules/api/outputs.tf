# Callers may use the API once it is deployed with its permissions, and not before.

output "id" {
  description = "ID of the REST API."
  value       = aws_api_gateway_rest_api.this.id
}

output "name" {
  description = "Name of the REST API."
  value       = aws_api_gateway_rest_api.this.name
}

output "arn" {
  description = "ARN of the REST API."
  value       = aws_api_gateway_rest_api.this.arn
}

output "execution_arn" {
  description = "ARN under which its methods are invoked, for permissions."
  value       = aws_api_gateway_rest_api.this.execution_arn
}

output "stage_name" {
  description = "Name of the stage."
  value       = aws_api_gateway_stage.this.stage_name
}

output "stage_arn" {
  description = "ARN of the stage."
  value       = aws_api_gateway_stage.this.arn
}

output "invoke_url" {
  description = "URL of the stage on AWS; paths follow it."
  value       = aws_api_gateway_stage.this.invoke_url
  depends_on  = [aws_lambda_permission.operation, aws_api_gateway_method_settings.all]
}

output "api_key_ids" {
  description = "IDs of the API keys, by name."
  value       = { for name, key in aws_api_gateway_api_key.this : name => key.id }
}

output "api_key_values" {
  description = "Values of the API keys, by name."
  value       = { for name, key in aws_api_gateway_api_key.this : name => key.value }
  sensitive   = true
}

output "usage_plan_ids" {
  description = "IDs of the usage plans, by name."
  value       = { for name, plan in aws_api_gateway_usage_plan.this : name => plan.id }
}

output "access_log_group_name" {
  description = "Name of the access log's group; null without account_logging_ready."
  value       = one(aws_cloudwatch_log_group.access[*].name)
}

output "log_group_names" {
  description = "Names of the log groups, by what API Gateway writes there: access and execution; without account_logging_ready none."
  value = merge(
    var.account_logging_ready ? { access = aws_cloudwatch_log_group.access[0].name } : {},
    var.account_logging_ready && var.logging_level != "OFF" ? { execution = aws_cloudwatch_log_group.execution[0].name } : {},
  )
}

output "operations" {
  description = "Operations by operationId, as \"METHOD /path\"."
  value       = { for id, operation in local.operations : id => "${operation.method} ${operation.path}" }
}
