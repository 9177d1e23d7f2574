# What starts the machine on a schedule, with a role that may do nothing else, and a queue for
# starts that failed for good. An execution that fails is the alarm's business.

locals {
  queue_name = "${var.name}-schedule-dlq"
  queue_arn = join(":", [
    "arn", data.aws_partition.current.partition, "sqs", data.aws_region.current.name,
    data.aws_caller_identity.current.account_id, local.queue_name,
  ])
  schedule_role_name = coalesce(var.schedule_role_name, "scheduler-${var.name}-role")
}

data "aws_iam_policy_document" "schedule_assume" {
  statement {
    sid     = "SchedulerStarts"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "schedule" {
  count = var.schedule == null ? 0 : 1

  name               = local.schedule_role_name
  description        = "Starts the state machine ${var.name} on its schedule."
  assume_role_policy = data.aws_iam_policy_document.schedule_assume.json

  tags = var.tags
}

data "aws_iam_policy_document" "schedule" {
  statement {
    sid       = "StartWorkflow"
    actions   = ["states:StartExecution"]
    resources = [local.arn]
  }

  statement {
    sid       = "SendDeadLetters"
    actions   = ["sqs:SendMessage"]
    resources = [local.queue_arn]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : ["UseKeyThroughQueue"]
    content {
      sid       = statement.value
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["sqs.${data.aws_region.current.name}.${data.aws_partition.current.dns_suffix}"]
      }
    }
  }
}

resource "aws_iam_role_policy" "schedule" {
  count = var.schedule == null ? 0 : 1

  name   = "schedule"
  role   = aws_iam_role.schedule[0].id
  policy = data.aws_iam_policy_document.schedule.json
}

data "aws_iam_policy_document" "queue" {
  statement {
    sid       = "RefuseUnencryptedTransport"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [local.queue_arn]

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

resource "aws_sqs_queue" "schedule_dead_letter" {
  count = var.schedule == null ? 0 : 1

  name                      = local.queue_name
  message_retention_seconds = 1209600 # 14 days, the most

  # One of the two; the provider refuses both.
  sqs_managed_sse_enabled = var.kms_key_arn == null ? true : null
  kms_master_key_id       = var.kms_key_arn

  # Here and not in a resource of its own, which would wait another 25 s to settle.
  policy = var.require_tls ? data.aws_iam_policy_document.queue.json : null

  tags = var.tags
}

resource "aws_scheduler_schedule" "this" {
  #checkov:skip=CKV_AWS_297:a schedule holds a time and an input, no data of anybody; Scheduler's own key encrypts it. Cost: $1 a month for a customer-managed key.
  count = var.schedule == null ? 0 : 1

  name                         = var.name
  description                  = "Starts the state machine ${var.name}."
  state                        = var.schedule.enabled ? "ENABLED" : "DISABLED"
  schedule_expression          = var.schedule.expression
  schedule_expression_timezone = var.schedule.timezone

  flexible_time_window {
    mode                      = var.schedule.flexible_window_minutes == 0 ? "OFF" : "FLEXIBLE"
    maximum_window_in_minutes = var.schedule.flexible_window_minutes == 0 ? null : var.schedule.flexible_window_minutes
  }

  target {
    arn      = aws_sfn_state_machine.this.arn
    role_arn = aws_iam_role.schedule[0].arn
    input    = var.schedule.input

    retry_policy {
      maximum_retry_attempts       = var.schedule.maximum_retry_attempts
      maximum_event_age_in_seconds = var.schedule.maximum_event_age_in_seconds
    }

    dead_letter_config {
      arn = aws_sqs_queue.schedule_dead_letter[0].arn
    }
  }

  depends_on = [aws_iam_role_policy.schedule]
}
