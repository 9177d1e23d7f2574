# What API Gateway answers without a function: preflight requests and wrong methods.

locals {
  # Headers of every answer here and in responses.tf. A wrong answer must not stay in a cache.
  mock_headers = {
    Access-Control-Allow-Origin   = var.cors_allow_origin
    Access-Control-Expose-Headers = "ETag,Link,Retry-After"
    Cache-Control                 = "no-store"
  }
  preflight_headers = {
    Access-Control-Allow-Headers = join(",", var.cors_allow_headers)
    Access-Control-Allow-Origin  = var.cors_allow_origin
    Access-Control-Max-Age       = tostring(var.cors_max_age_seconds)
  }

  # Path => what it allows, for the Allow headers.
  allowed_methods = { for path, methods in local.paths : path => join(",", sort(concat(methods, ["OPTIONS"]))) }
}

# Preflight: OPTIONS on every path.

resource "aws_api_gateway_method" "preflight" {
  #checkov:skip=CKV2_AWS_53:the answer does not depend on the request. Cost: a preflight or a wrong method refused with an error that says less.
  for_each = local.paths

  rest_api_id   = aws_api_gateway_rest_api.this.id
  resource_id   = local.resource_ids[each.key]
  http_method   = "OPTIONS"
  authorization = "NONE"
}

resource "aws_api_gateway_method_response" "preflight" {
  for_each = local.paths

  rest_api_id = aws_api_gateway_rest_api.this.id
  resource_id = aws_api_gateway_method.preflight[each.key].resource_id
  http_method = aws_api_gateway_method.preflight[each.key].http_method
  status_code = "204"

  response_parameters = {
    for name in concat(keys(local.preflight_headers), ["Access-Control-Allow-Methods"]) :
    "method.response.header.${name}" => true
  }
}

resource "aws_api_gateway_integration" "preflight" {
  for_each = local.paths

  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_method.preflight[each.key].resource_id
  http_method             = aws_api_gateway_method.preflight[each.key].http_method
  type                    = "MOCK"
  integration_http_method = "POST" # unused, but the embedded cloud reports one
  passthrough_behavior    = "WHEN_NO_TEMPLATES"
  request_templates       = { "application/json" = jsonencode({ statusCode = 204 }) }
}

resource "aws_api_gateway_integration_response" "preflight" {
  for_each = local.paths

  rest_api_id = aws_api_gateway_rest_api.this.id
  resource_id = aws_api_gateway_integration.preflight[each.key].resource_id
  http_method = aws_api_gateway_integration.preflight[each.key].http_method
  status_code = aws_api_gateway_method_response.preflight[each.key].status_code

  response_parameters = {
    for name, value in merge(local.preflight_headers, { Access-Control-Allow-Methods = local.allowed_methods[each.key] }) :
    "method.response.header.${name}" => "'${value}'"
  }
}

# Any other method on a path that exists: 405 with what it allows. Explicit methods win over ANY.

resource "aws_api_gateway_method" "wrong_method" {
  #checkov:skip=CKV_AWS_59:it only says that the method is wrong. Cost: a 403 in place of a 405 that names the methods.
  #checkov:skip=CKV2_AWS_53:the answer does not depend on the request. Cost: a preflight or a wrong method refused with an error that says less.
  for_each = local.paths

  rest_api_id   = aws_api_gateway_rest_api.this.id
  resource_id   = local.resource_ids[each.key]
  http_method   = "ANY"
  authorization = "NONE"
}

resource "aws_api_gateway_method_response" "wrong_method" {
  for_each = local.paths

  rest_api_id = aws_api_gateway_rest_api.this.id
  resource_id = aws_api_gateway_method.wrong_method[each.key].resource_id
  http_method = aws_api_gateway_method.wrong_method[each.key].http_method
  status_code = "405"

  response_parameters = {
    for name in concat(keys(local.mock_headers), ["Allow"]) : "method.response.header.${name}" => true
  }
}

resource "aws_api_gateway_integration" "wrong_method" {
  for_each = local.paths

  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_method.wrong_method[each.key].resource_id
  http_method             = aws_api_gateway_method.wrong_method[each.key].http_method
  type                    = "MOCK"
  integration_http_method = "POST" # unused, but the embedded cloud reports one

  # A body of a type without a template is 415, which is as true; passed through, it would be 500.
  passthrough_behavior = "WHEN_NO_TEMPLATES"
  request_templates = {
    for type in ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain"] :
    type => jsonencode({ statusCode = 405 })
  }
}

resource "aws_api_gateway_integration_response" "wrong_method" {
  for_each = local.paths

  rest_api_id = aws_api_gateway_rest_api.this.id
  resource_id = aws_api_gateway_integration.wrong_method[each.key].resource_id
  http_method = aws_api_gateway_integration.wrong_method[each.key].http_method
  status_code = aws_api_gateway_method_response.wrong_method[each.key].status_code

  response_parameters = {
    for name, value in merge(local.mock_headers, { Allow = local.allowed_methods[each.key] }) :
    "method.response.header.${name}" => "'${value}'"
  }

  response_templates = {
    "application/json" = format(local.error_body, jsonencode("MethodNotAllowed"), jsonencode("This path does not answer this method; it allows ${local.allowed_methods[each.key]}."))
  }
}
