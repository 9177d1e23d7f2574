# What feeds the function besides direct calls, and where its failures go.

locals {
  dead_letter_queue_name = "${var.name}-dlq"
  # Spelled out rather than read from the queue: its own policy names it.
  dead_letter_queue_arn = join(":", [
    "arn", data.aws_partition.current.partition, "sqs", data.aws_region.current.name,
    data.aws_caller_identity.current.account_id, local.dead_letter_queue_name,
  ])
}

data "aws_iam_policy_document" "dead_letter_queue" {
  dynamic "statement" {
    for_each = var.require_tls ? ["RefuseUnencryptedTransport"] : []
    content {
      sid       = statement.value
      effect    = "Deny"
      actions   = ["sqs:*"]
      resources = [local.dead_letter_queue_arn]

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      condition {
        test     = "Bool"
        variable = "aws:SecureTransport"
        values   = ["false"]
      }
    }
  }

  # A topic puts there what it could not deliver.
  dynamic "statement" {
    for_each = var.topics
    content {
      sid       = "TakeFrom${statement.key}"
      actions   = ["sqs:SendMessage"]
      resources = [local.dead_letter_queue_arn]

      principals {
        type        = "Service"
        identifiers = ["sns.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = [statement.value.topic_arn]
      }
    }
  }
}

# Takes what failed for good: asynchronous events, stream batches that ran out of retries, and
# records that the code itself gives up on.
resource "aws_sqs_queue" "dead_letter" {
  count = var.dead_letter_queue == null ? 0 : 1

  name                      = local.dead_letter_queue_name
  message_retention_seconds = var.dead_letter_queue.message_retention_seconds

  # One of the two; the provider refuses both. SQS's own where a topic puts what it could not deliver:
  # to a key of the account's, SNS would have to be let in for that alone.
  sqs_managed_sse_enabled = var.kms_key_arn == null || length(var.topics) > 0 ? true : null
  kms_master_key_id       = length(var.topics) > 0 ? null : var.kms_key_arn

  # Here and not in a resource of its own, which would wait another 25 s to settle.
  policy = var.require_tls || length(var.topics) > 0 ? data.aws_iam_policy_document.dead_letter_queue.json : null

  tags = var.tags
}

# What then still fails goes to the function's dead-letter queue.
resource "aws_lambda_function_event_invoke_config" "live" {
  count = var.dead_letter_queue == null ? 0 : 1

  function_name                = aws_lambda_function.this.function_name
  qualifier                    = aws_lambda_alias.live.name
  maximum_retry_attempts       = var.asynchronous.maximum_retry_attempts
  maximum_event_age_in_seconds = var.asynchronous.maximum_event_age_in_seconds
}

resource "aws_lambda_event_source_mapping" "stream" {
  for_each = var.event_sources

  event_source_arn = each.value.stream_arn
  function_name    = aws_lambda_alias.live.arn

  starting_position                  = each.value.starting_position
  batch_size                         = each.value.batch_size
  maximum_batching_window_in_seconds = each.value.maximum_batching_window_in_seconds
  parallelization_factor             = each.value.parallelization_factor

  maximum_retry_attempts         = each.value.maximum_retry_attempts
  maximum_record_age_in_seconds  = each.value.maximum_record_age_in_seconds
  bisect_batch_on_function_error = each.value.bisect_batch_on_function_error
  function_response_types        = ["ReportBatchItemFailures"]

  dynamic "filter_criteria" {
    for_each = length(each.value.filters) == 0 ? [] : [each.value.filters]
    content {
      dynamic "filter" {
        for_each = filter_criteria.value
        content {
          pattern = filter.value
        }
      }
    }
  }

  destination_config {
    on_failure {
      destination_arn = one(aws_sqs_queue.dead_letter[*].arn)
    }
  }

  tags = var.tags

  # Lambda reads the stream with the function's role as soon as the mapping exists.
  depends_on = [aws_iam_role_policy.runtime, aws_iam_role_policy.permissions]
}

# Asynchronous too. SNS tries for 23 days to reach Lambda, then the message lies on the queue.
resource "aws_sns_topic_subscription" "this" {
  for_each = var.topics

  topic_arn           = each.value.topic_arn
  protocol            = "lambda"
  endpoint            = aws_lambda_alias.live.arn
  filter_policy       = each.value.filter
  filter_policy_scope = each.value.filter == null ? null : "MessageBody"
  redrive_policy      = jsonencode({ deadLetterTargetArn = one(aws_sqs_queue.dead_letter[*].arn) })

  depends_on = [aws_lambda_permission.topic]
}

resource "aws_lambda_permission" "topic" {
  for_each = var.topics

  statement_id  = "${each.key}Delivers"
  function_name = aws_lambda_function.this.function_name
  qualifier     = aws_lambda_alias.live.name
  action        = "lambda:InvokeFunction"
  principal     = "sns.amazonaws.com"
  source_arn    = each.value.topic_arn
}

# The alias is invoked asynchronously: what fails inside the function is retried by Lambda
# (`asynchronous`); the retry policy here is for invocations that never reached it.
resource "aws_scheduler_schedule" "this" {
  #checkov:skip=CKV_AWS_297:kms_key_arn decides; without it AWS's own key encrypts. Cost: $1 a month for a customer-managed key.
  for_each = var.schedules

  name        = "${var.name}-${each.key}"
  description = "Runs ${var.name}."
  state       = each.value.enabled ? "ENABLED" : "DISABLED"
  kms_key_arn = var.kms_key_arn

  schedule_expression          = each.value.expression
  schedule_expression_timezone = each.value.timezone

  flexible_time_window {
    mode                      = each.value.flexible_window_minutes == 0 ? "OFF" : "FLEXIBLE"
    maximum_window_in_minutes = each.value.flexible_window_minutes == 0 ? null : each.value.flexible_window_minutes
  }

  target {
    arn      = aws_lambda_alias.live.arn
    role_arn = one(aws_iam_role.schedules[*].arn)
    input    = each.value.input

    retry_policy {
      maximum_retry_attempts       = each.value.maximum_retry_attempts
      maximum_event_age_in_seconds = each.value.maximum_event_age_in_seconds
    }

    dead_letter_config {
      arn = one(aws_sqs_queue.dead_letter[*].arn)
    }
  }

  # The scheduler assumes the role as soon as the schedule exists.
  depends_on = [aws_iam_role_policy.schedules]
}
