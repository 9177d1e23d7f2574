# Paths, operations, and who answers them.

resource "aws_api_gateway_resource" "depth_1" {
  for_each = local.resources[1]

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = each.value.part
}

resource "aws_api_gateway_resource" "depth_2" {
  for_each = local.resources[2]

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.depth_1[each.value.parent].id
  path_part   = each.value.part
}

resource "aws_api_gateway_resource" "depth_3" {
  for_each = local.resources[3]

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.depth_2[each.value.parent].id
  path_part   = each.value.part
}

resource "aws_api_gateway_resource" "depth_4" {
  for_each = local.resources[4]

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.depth_3[each.value.parent].id
  path_part   = each.value.part
}

locals {
  resource_ids = merge(
    { "" = aws_api_gateway_rest_api.this.root_resource_id },
    { for step, resource in aws_api_gateway_resource.depth_1 : step => resource.id },
    { for step, resource in aws_api_gateway_resource.depth_2 : step => resource.id },
    { for step, resource in aws_api_gateway_resource.depth_3 : step => resource.id },
    { for step, resource in aws_api_gateway_resource.depth_4 : step => resource.id },
  )
}

resource "aws_api_gateway_request_validator" "shape" {
  rest_api_id                 = aws_api_gateway_rest_api.this.id
  name                        = "shape"
  validate_request_body       = true
  validate_request_parameters = true
}

# Only that the body is an object. The rules of the fields are the handler's, which can name
# the field and the rule; API Gateway says "Invalid request body", whatever is wrong.
resource "aws_api_gateway_model" "body" {
  for_each = { for id, operation in local.operations : id => operation if operation.has_body }

  rest_api_id  = aws_api_gateway_rest_api.this.id
  name         = each.key
  description  = "Body of ${each.value.method} ${each.value.path}: any object."
  content_type = "application/json"
  schema = jsonencode({
    "$schema" = "http://json-schema.org/draft-04/schema#"
    title     = each.key
    type      = "object"
  })

  # A model goes only after the method that used it has let go of it.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_method" "operation" {
  #checkov:skip=CKV_AWS_59:public by design where the document asks for no key; throttled, validated, and least-privileged behind. Cost: an authorizer would shut out visitors, who have no account.
  for_each = local.routes

  rest_api_id      = aws_api_gateway_rest_api.this.id
  resource_id      = local.resource_ids[each.value.key]
  http_method      = each.value.method
  operation_name   = each.value.id
  authorization    = "NONE"
  api_key_required = each.value.api_key_required

  request_validator_id = aws_api_gateway_request_validator.shape.id
  request_parameters   = { for name, required in each.value.request_parameters : name => element(required, length(required) - 1) }
  request_models       = each.value.has_body ? { "application/json" = aws_api_gateway_model.body[each.value.id].name } : null
}

resource "aws_api_gateway_integration" "operation" {
  for_each = local.routes

  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_method.operation[each.key].resource_id
  http_method             = aws_api_gateway_method.operation[each.key].http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST" # how Lambda is invoked, whatever the operation's method
  uri                     = var.handlers[each.value.id].invoke_arn
  timeout_milliseconds    = var.handlers[each.value.id].timeout_milliseconds

  # The template does nothing in a proxy but name the only content type that a body may have. The
  # embedded cloud answers any other with 415; AWS passes it on, and the handler answers 415.
  passthrough_behavior = each.value.has_body ? "NEVER" : "WHEN_NO_MATCH"
  request_templates    = each.value.has_body ? { "application/json" = "$input.json('$')" } : null
}

# Each operation may call its own alias, and only from its own method and path of this stage.
resource "aws_lambda_permission" "operation" {
  for_each = local.routes

  statement_id  = "api-${trim(replace(each.key, "/[^A-Za-z0-9]+/", "-"), "-")}"
  action        = "lambda:InvokeFunction"
  function_name = var.handlers[each.value.id].function_name
  qualifier     = var.handlers[each.value.id].alias_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/${var.stage_name}/${each.value.method}/${replace(each.value.key, "/\\{[^}]+\\}/", "*")}"
}
