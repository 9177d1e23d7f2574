# One function, published and called through its alias, with its log group. Role and permissions
# are in iam.tf, what calls it and where failures go in events.tf.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  # A consumer puts a record that no retry can mend on the function's own queue. The URL is spelled
  # out, because a reference would make every function wait for the queue to settle.
  environment = merge(var.environment, var.dead_letter_queue == null ? {} : {
    DEAD_LETTER_QUEUE_URL = join("/", [
      "https://sqs.${data.aws_region.current.name}.${data.aws_partition.current.dns_suffix}",
      data.aws_caller_identity.current.account_id, local.dead_letter_queue_name,
    ])
  })
}

# Made before the function, so that Lambda never makes one that keeps its events for ever.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:CloudWatch's own key encrypts where kms_key_arn is null. Cost: $1 a month for a customer-managed key.
  #checkov:skip=CKV_AWS_338:log_retention_days decides, and logs are deleted early on purpose. Cost: $0.03 per GB and month for a year of logs.
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = var.tags
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_116:dead_letter_queue decides; a function that only answers API calls has no events to lose. Cost: 25 s per function and deployment for a queue that nothing is ever sent to.
  #checkov:skip=CKV_AWS_117:the function calls AWS's public endpoints only. Cost: a NAT gateway ($32 a month per zone) or an interface endpoint per service ($7).
  #checkov:skip=CKV_AWS_272:packages are checked by their hash, and uploading takes lambda:UpdateFunctionCode, which no role made here has. Cost: a Signer profile, and a signed upload per release.
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.this.arn

  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  handler          = var.handler
  runtime          = var.runtime
  architectures    = [var.architecture]

  memory_size = var.memory_size
  timeout     = var.timeout

  # A reservation on every function would use up the account's pool, 1,000 by default.
  reserved_concurrent_executions = var.reserved_concurrency == null ? -1 : var.reserved_concurrency

  # Every change becomes a version: what a release moves the alias to, and a rollback back from.
  publish = true

  kms_key_arn = var.kms_key_arn

  # Asynchronous events that failed for good, with the error beside them as attributes. Not an
  # on-failure destination besides: every event would arrive twice.
  dynamic "dead_letter_config" {
    for_each = aws_sqs_queue.dead_letter
    content {
      target_arn = dead_letter_config.value.arn
    }
  }

  dynamic "environment" {
    for_each = length(local.environment) == 0 ? [] : [local.environment]
    content {
      variables = environment.value
    }
  }

  # The code's lines are JSON already. Lambda's JSON format would only wrap the platform's, and
  # bring a second level filter that can drop metric lines.
  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  # Lambda records the trace itself: no X-Ray library in the code, which costs 0.2 s of cold start.
  tracing_config {
    mode = var.tracing
  }

  tags = var.tags

  # A function must not run before its role may write logs.
  depends_on = [aws_iam_role_policy.runtime, aws_iam_role_policy.permissions]
}

# What callers call. A release or a rollback moves it; the next apply must not undo that.
resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "The version that serves."
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version

  lifecycle {
    ignore_changes = [function_version, routing_config]
  }
}
