# What takes log events to the stream: a subscription of every group, with one role for CloudWatch Logs.

data "aws_iam_policy_document" "subscription_assume" {
  statement {
    sid     = "LogsForward"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["logs.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
    # CloudWatch Logs names the group that it acts for, and nothing but the account and region when it tries
    # the role at first. ArnLike, therefore.
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.name}:${local.account}:*"]
    }
  }
}

resource "aws_iam_role" "subscription" {
  name               = var.names.subscription_role
  description        = "Sends log events to the delivery stream ${var.name}."
  assume_role_policy = data.aws_iam_policy_document.subscription_assume.json

  tags = var.tags
}

data "aws_iam_policy_document" "subscription" {
  statement {
    sid       = "SendToStream"
    actions   = ["firehose:PutRecord", "firehose:PutRecordBatch"]
    resources = [local.stream_arn]
  }
}

resource "aws_iam_role_policy" "subscription" {
  name   = "stream"
  role   = aws_iam_role.subscription.id
  policy = data.aws_iam_policy_document.subscription.json
}

resource "aws_cloudwatch_log_subscription_filter" "this" {
  for_each = var.log_groups

  name            = var.name
  log_group_name  = each.value
  filter_pattern  = "" # everything
  destination_arn = aws_kinesis_firehose_delivery_stream.this.arn
  role_arn        = aws_iam_role.subscription.arn
  distribution    = "ByLogStream"

  # CloudWatch Logs sends a record with the role when the filter is made.
  depends_on = [aws_iam_role_policy.subscription]
}

# The other side's view: what CloudWatch Logs could not hand over never becomes stale. An alarm takes ten
# metrics, and CloudWatch keeps this one by group.
locals {
  forwarding = { for index, keys in chunklist(sort(keys(var.log_groups)), 10) : tostring(index + 1) => keys }
}

resource "aws_cloudwatch_metric_alarm" "forwarding" {
  for_each = local.forwarding

  alarm_name          = "${var.name}-forwarding-${each.key}"
  alarm_description   = "CloudWatch Logs could not hand log events over to ${var.name}, of one of: ${join(", ", each.value)}. What it could not is missing from the archive."
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions

  metric_query {
    id          = "errors"
    expression  = "SUM(METRICS())"
    label       = "Events that could not be handed over"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value
    content {
      id = "group${metric_query.key}"

      metric {
        namespace   = "AWS/Logs"
        metric_name = "DeliveryErrors"
        dimensions = {
          LogGroupName    = var.log_groups[metric_query.value]
          DestinationType = "Firehose"
          FilterName      = var.name
        }
        period = 300
        stat   = "Sum"
      }
    }
  }

  tags = var.tags
}
