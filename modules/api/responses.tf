# API Gateway's own errors, in the body that every error of the API has.

locals {
  # Takes the code and the message, both as JSON.
  error_body = "{\"error\":%s,\"message\":%s,\"details\":[],\"requestId\":\"$context.requestId\"}"

  # Response type => status (null: API Gateway's, which varies), code, and message (null: its own).
  gateway_responses = {
    BAD_REQUEST_BODY       = { status = 400, error = "ValidationError", message = "The body must be a JSON object.", headers = {} }
    BAD_REQUEST_PARAMETERS = { status = 400, error = "ValidationError", message = null, headers = {} }
    UNAUTHORIZED           = { status = 401, error = "Unauthorized", message = null, headers = {} }
    ACCESS_DENIED          = { status = 403, error = "Forbidden", message = null, headers = {} }
    EXPIRED_TOKEN          = { status = 403, error = "Forbidden", message = null, headers = {} }
    INVALID_API_KEY        = { status = 403, error = "Forbidden", message = "This operation needs a valid API key in the header X-Api-Key.", headers = {} }
    INVALID_SIGNATURE      = { status = 403, error = "Forbidden", message = null, headers = {} }
    WAF_FILTERED           = { status = 403, error = "Forbidden", message = null, headers = {} }
    # What API Gateway says of a path that does not exist.
    MISSING_AUTHENTICATION_TOKEN = { status = 404, error = "NotFound", message = "There is nothing at this path.", headers = {} }
    RESOURCE_NOT_FOUND           = { status = 404, error = "NotFound", message = "There is nothing at this path.", headers = {} }
    REQUEST_TOO_LARGE            = { status = 413, error = "PayloadTooLarge", message = "The request is too large.", headers = {} }
    UNSUPPORTED_MEDIA_TYPE       = { status = 415, error = "UnsupportedMediaType", message = "The body must have the content type application/json.", headers = {} }
    THROTTLED                    = { status = 429, error = "TooManyRequests", message = "Too many requests: slow down.", headers = { Retry-After = "1" } }
    QUOTA_EXCEEDED               = { status = 429, error = "TooManyRequests", message = "The quota of this API key's plan is used up.", headers = { Retry-After = "3600" } }
    # Not 504, API Gateway's default: the function answered, and wrongly.
    INTEGRATION_FAILURE = { status = 502, error = "InternalError", message = "Internal server error.", headers = {} }
    INTEGRATION_TIMEOUT = { status = 504, error = "Timeout", message = "The request took too long.", headers = {} }
    DEFAULT_4XX         = { status = null, error = "ValidationError", message = null, headers = {} }
    DEFAULT_5XX         = { status = null, error = "InternalError", message = "Internal server error.", headers = {} }
  }
}

resource "aws_api_gateway_gateway_response" "this" {
  for_each = local.gateway_responses

  rest_api_id   = aws_api_gateway_rest_api.this.id
  response_type = each.key
  status_code   = each.value.status

  response_templates = {
    "application/json" = format(
      local.error_body,
      jsonencode(each.value.error),
      each.value.message == null ? "$context.error.messageString" : jsonencode(each.value.message),
    )
  }

  response_parameters = {
    for name, value in merge(local.mock_headers, each.value.headers) : "gatewayresponse.header.${name}" => "'${value}'"
  }
}
