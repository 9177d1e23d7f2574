# One alarm for every way in which an execution ends without success.

locals {
  unsuccessful = ["ExecutionsAborted", "ExecutionsFailed", "ExecutionsTimedOut"]
}

resource "aws_cloudwatch_metric_alarm" "unsuccessful" {
  alarm_name          = "${var.name}-unsuccessful"
  alarm_description   = "An execution of ${var.name} failed, timed out or was aborted: its history says at which step and why."
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching" # nothing runs most of the time
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions

  metric_query {
    id          = "unsuccessful"
    expression  = "SUM(METRICS())"
    label       = "Executions without success"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.unsuccessful
    content {
      id = lower(metric_query.value)

      metric {
        namespace   = "AWS/States"
        metric_name = metric_query.value
        dimensions  = { StateMachineArn = local.arn }
        period      = 300
        stat        = "Sum"
      }
    }
  }

  tags = var.tags
}
