# The two alarms of the feedback system. They tell nobody yet but whoever looks.

resource "aws_cloudwatch_metric_alarm" "feedback_processor_errors" {
  alarm_name        = "feedback-processor-errors-${local.suffix}"
  alarm_description = "The feedback processor failed more than five times within five minutes."

  namespace   = "AWS/Lambda"
  metric_name = "Errors"
  dimensions  = { FunctionName = module.function["feedback_processor"].name }

  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  treat_missing_data  = "notBreaching"

  tags = local.tags
}

# Not UserErrors: those are bad requests, have no table, and leave throttled ones out.
resource "aws_cloudwatch_metric_alarm" "feedback_table_throttles" {
  alarm_name        = "feedback-table-throttles-${local.suffix}"
  alarm_description = "DynamoDB refused more than ten reads or writes of the feedback table within five minutes, because they were too many."

  metric_query {
    id          = "throttles"
    expression  = "FILL(reads, 0) + FILL(writes, 0)"
    label       = "Throttled reads and writes"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { reads = "ReadThrottleEvents", writes = "WriteThrottleEvents" }
    content {
      id = metric_query.key
      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = metric_query.value
        dimensions  = { TableName = module.feedback_table.name }
        stat        = "Sum"
        period      = 300
      }
    }
  }

  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 10
  treat_missing_data  = "notBreaching"

  tags = local.tags
}
