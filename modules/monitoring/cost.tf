# What the stack costs. AWS knows by the tag Suffix, which must have been activated for cost
# allocation (once per account, in the payer's), and knows a day later.

locals {
  # Budgets writes a tag as user:KEY$VALUE.
  cost_tag = join("$", ["user:Suffix", var.suffix])

  budget_notifications = var.budget == null ? [] : concat(
    [for percent in var.budget.actual : { percent = percent, type = "ACTUAL" }],
    [for percent in var.budget.forecast : { percent = percent, type = "FORECASTED" }],
  )
}

resource "aws_budgets_budget" "monthly" {
  count = var.budget == null ? 0 : 1

  name         = "monthly-${var.suffix}"
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = format("%.1f", var.budget.amount) # as AWS gives it back
  limit_unit   = "USD"

  cost_filter {
    name   = "TagKeyValue"
    values = [local.cost_tag]
  }

  dynamic "notification" {
    for_each = local.budget_notifications
    content {
      comparison_operator       = "GREATER_THAN"
      threshold                 = notification.value.percent
      threshold_type            = "PERCENTAGE"
      notification_type         = notification.value.type
      subscriber_sns_topic_arns = [local.topic_arns["warning"]]
    }
  }

  tags = var.tags

  # Budgets tries whether it may publish.
  depends_on = [aws_sns_topic.this, aws_sns_topic_policy.this]
}

# Of its own kind: of a monitor of services an account may have one only.
resource "aws_ce_anomaly_monitor" "stack" {
  count = var.cost_anomaly == null ? 0 : 1

  name         = "stack-${var.suffix}"
  monitor_type = "CUSTOM"

  # With every part that there is not: so AWS gives it back.
  monitor_specification = jsonencode({
    And            = null
    CostCategories = null
    Dimensions     = null
    Not            = null
    Or             = null
    Tags = {
      Key          = "user:Suffix"
      MatchOptions = null
      Values       = [var.suffix]
    }
  })

  tags = var.tags
}

resource "aws_ce_anomaly_subscription" "stack" {
  count = var.cost_anomaly == null ? 0 : 1

  name             = "stack-${var.suffix}"
  frequency        = "IMMEDIATE" # the only one that a topic takes
  monitor_arn_list = [aws_ce_anomaly_monitor.stack[0].arn]

  subscriber {
    type    = "SNS"
    address = local.topic_arns["warning"]
  }

  threshold_expression {
    and {
      dimension {
        key           = "ANOMALY_TOTAL_IMPACT_PERCENTAGE"
        match_options = ["GREATER_THAN_OR_EQUAL"]
        values        = [tostring(var.cost_anomaly.percent)]
      }
    }
    and {
      dimension {
        key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
        match_options = ["GREATER_THAN_OR_EQUAL"]
        values        = [tostring(var.cost_anomaly.minimum_usd)]
      }
    }
  }

  tags = var.tags

  depends_on = [aws_sns_topic.this, aws_sns_topic_policy.this]
}
