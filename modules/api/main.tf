# One REST API from an OpenAPI document: routes.tf has its paths and operations, mock.tf what it
# answers itself, responses.tf its errors, plans.tf usage plans and keys, logs.tf log groups.

resource "aws_api_gateway_rest_api" "this" {
  name        = var.name
  description = try(var.openapi.info.title, null)

  minimum_compression_size     = var.minimum_compression_size
  disable_execute_api_endpoint = var.disable_execute_api_endpoint

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  tags = var.tags

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = length(local.malformed_paths) == 0
      error_message = "Paths in openapi must begin with a slash and have at most four parts; not so: ${join(", ", local.malformed_paths)}."
    }
    precondition {
      condition     = length(local.unknown_schemes) == 0
      error_message = "security in openapi may name API keys in the header X-API-Key only; not so: ${join(", ", local.unknown_schemes)}."
    }
  }
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id

  # A deployment is a snapshot: everything that shapes the API must replace it. Needless
  # deployments are harmless, a missed one goes on serving the old API. One case is left: Terraform
  # removes what is no longer in the document after it made the new snapshot, so a removed path is
  # still in it. See the README, "Removing an operation".
  triggers = {
    redeployment = sha1(jsonencode([
      local.operations,
      local.paths,
      local.mock_headers,
      local.preflight_headers,
      local.gateway_responses,
      var.handlers,
      [for file in ["mock.tf", "responses.tf", "routes.tf"] : filesha1("${path.module}/${file}")],
    ]))
  }

  depends_on = [
    aws_api_gateway_integration.operation,
    aws_api_gateway_integration_response.preflight,
    aws_api_gateway_integration_response.wrong_method,
    aws_api_gateway_gateway_response.this,
  ]

  # The stage moves to the new snapshot before the old one goes.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "this" {
  #checkov:skip=CKV_AWS_120:answers differ from call to call, and analytics is cached by the CDN. Cost: $14 a month and more for a cache.
  #checkov:skip=CKV2_AWS_29:throttling, quotas and validation guard the API. Cost: $5 a month for a web ACL, $1 per rule, and $0.60 per million requests.
  #checkov:skip=CKV2_AWS_51:a client certificate proves API Gateway to an HTTP backend; functions are invoked through IAM. Cost: a certificate to renew every year that nothing checks.
  #checkov:skip=CKV_AWS_76:on with account_logging_ready, without which AWS refuses access logs. Cost: no stack in an account that bootstrap has not prepared.
  #checkov:skip=CKV2_AWS_4:on with account_logging_ready, see the method settings. Cost: no stack in an account that bootstrap has not prepared.
  rest_api_id   = aws_api_gateway_rest_api.this.id
  deployment_id = aws_api_gateway_deployment.this.id
  stage_name    = var.stage_name

  xray_tracing_enabled = var.xray_tracing_enabled

  dynamic "access_log_settings" {
    for_each = aws_cloudwatch_log_group.access
    content {
      destination_arn = access_log_settings.value.arn
      format          = local.access_log_format
    }
  }

  tags = var.tags
}

resource "aws_api_gateway_method_settings" "all" {
  #checkov:skip=CKV_AWS_225:there is no cache, see the stage. Cost: $14 a month and more for a cache.
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    throttling_rate_limit  = var.throttle.rate_limit
    throttling_burst_limit = var.throttle.burst_limit

    metrics_enabled = true
    logging_level   = var.account_logging_ready ? var.logging_level : "OFF"
    # Would log bodies, which hold what people wrote and their addresses.
    data_trace_enabled = false
  }

  # Or API Gateway makes the group itself, to keep for ever.
  depends_on = [aws_cloudwatch_log_group.execution]
}

# Of single operations, in place of all that is above.
resource "aws_api_gateway_method_settings" "operation" {
  #checkov:skip=CKV_AWS_225:there is no cache, see the stage. Cost: $14 a month and more for a cache.
  for_each = { for route in values(local.routes) : route.id => route if contains(keys(var.throttles), route.id) }

  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "${each.value.key}/${each.value.method}"

  settings {
    throttling_rate_limit  = var.throttles[each.key].rate_limit
    throttling_burst_limit = var.throttles[each.key].burst_limit

    metrics_enabled    = true
    logging_level      = var.account_logging_ready ? var.logging_level : "OFF"
    data_trace_enabled = false
  }

  # A stage takes one change at a time.
  depends_on = [aws_api_gateway_method_settings.all]
}
