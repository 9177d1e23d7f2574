# The functions of every system, made alike.

locals {
  # By handler, a folder of lambda_src. Each system's file says what its own are.
  product_functions = merge(local.feedback_functions, local.task_functions, local.message_functions, local.mail_functions)
  functions         = merge(local.product_functions, local.release_functions)

  # Spelled out, by names that are known beforehand: what releases functions is a function itself.
  function_names = { for handler in concat(keys(local.product_functions), local.release_handlers) : handler => "${replace(handler, "_", "-")}-${local.suffix}" }
  function_arns = { for handler, name in local.function_names : handler => join(":", [
    "arn", data.aws_partition.current.partition, "lambda", var.aws_region, local.account, "function", name,
  ]) }
}

module "function" {
  source   = "../modules/function"
  for_each = { for handler, function in local.functions : handler => merge(local.function_defaults, function) }

  name        = local.function_names[each.key]
  role_name   = "lambda-${replace(each.key, "_", "-")}-role-${local.suffix}"
  description = each.value.description

  package     = "${path.module}/${var.lambda_package_dir}/${each.key}.zip"
  memory_size = each.value.memory_size
  timeout     = each.value.timeout

  environment = merge(local.function_environment, {
    POWERTOOLS_SERVICE_NAME      = replace(each.key, "_", "-")
    POWERTOOLS_METRICS_NAMESPACE = "FeedbackProcessing"
    ENVIRONMENT_SUFFIX           = local.suffix
    CORS_ALLOW_ORIGIN            = local.cors_allow_origin
  }, each.value.environment)

  permissions             = each.value.permissions
  permissions_without_arn = each.value.permissions_without_arn
  dead_letter_queue       = each.value.dead_letter_queue
  event_sources           = each.value.event_sources
  schedules               = each.value.schedules
  topics                  = each.value.topics
  reserved_concurrency    = lookup(var.reserved_concurrency, each.key, null)

  log_retention_days = var.log_retention_days
  kms_key_arn        = var.kms_key_arn
  key_services       = each.value.key_services
  require_tls        = var.emulator_endpoint == null
  tags               = local.tags
}

moved {
  from = module.feedback_function
  to   = module.function
}
