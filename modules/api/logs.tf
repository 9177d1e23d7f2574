# Log groups, made before API Gateway makes its own without an end.

locals {
  # No address and no user agent of the caller: operators look for requests, not people, and
  # what is not logged need not be erased. A key's ID tells which client called.
  access_log_format = jsonencode({
    requestId          = "$context.requestId"
    time               = "$context.requestTime"
    method             = "$context.httpMethod"
    resourcePath       = "$context.resourcePath"
    status             = "$context.status"
    errorType          = "$context.error.responseType"
    responseLength     = "$context.responseLength"
    latency            = "$context.responseLatency"
    integrationLatency = "$context.integration.latency"
    integrationStatus  = "$context.integration.integrationStatus"
    integrationError   = "$context.integration.error"
    apiKeyId           = "$context.identity.apiKeyId"
    traceId            = "$context.xrayTraceId"
  })
}

resource "aws_cloudwatch_log_group" "access" {
  #checkov:skip=CKV_AWS_158:CloudWatch's own key encrypts where kms_key_arn is null. Cost: $1 a month for a customer-managed key.
  #checkov:skip=CKV_AWS_338:log_retention_days decides. Cost: $0.03 per GB and month for a year of logs.
  count = var.account_logging_ready ? 1 : 0

  name              = "/aws/apigateway/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = var.tags
}

resource "aws_cloudwatch_log_group" "execution" {
  #checkov:skip=CKV_AWS_158:CloudWatch's own key encrypts where kms_key_arn is null. Cost: $1 a month for a customer-managed key.
  #checkov:skip=CKV_AWS_338:log_retention_days decides. Cost: $0.03 per GB and month for a year of logs.
  #checkov:skip=PLATFORM_NAME_SUFFIX:API Gateway dictates the name, which holds the API's own ID. Cost: none can be paid, AWS knows no other name.
  count = var.account_logging_ready && var.logging_level != "OFF" ? 1 : 0

  # The name that API Gateway writes to.
  name              = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.this.id}/${var.stage_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = var.tags
}
