# One REST API for all systems, from the OpenAPI document.

locals {
  # operationId => handler that answers it.
  operations = merge(local.feedback_operations, local.task_operations, local.message_operations, local.mail_operations)

  # The embedded cloud serves stages under its own endpoint, by path.
  api_base_url = (
    var.emulator_endpoint == null
    ? module.api.invoke_url
    : "${var.emulator_endpoint}/restapis/${module.api.id}/${module.api.stage_name}/_user_request_"
  )
}

module "api" {
  source = "../modules/api"

  name       = "feedback-submission-api-${local.suffix}"
  openapi    = local.openapi
  stage_name = "prod"

  handlers = { for operation, handler in local.operations : operation => {
    function_name = module.function[handler].name
    alias_name    = module.function[handler].alias_name
    invoke_arn    = module.function[handler].alias_invoke_arn
  } }

  cors_allow_origin     = local.cors_allow_origin
  throttle              = var.api.throttle
  throttles             = var.api.throttles
  usage_plans           = var.api.usage_plans
  api_keys              = var.api.api_keys
  api_key_values        = var.api_key_values
  account_logging_ready = var.api.account_logging_ready

  log_retention_days = var.log_retention_days
  kms_key_arn        = var.kms_key_arn
  tags               = local.tags
}
