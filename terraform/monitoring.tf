# Alarms, dashboards and spending of everything. Functions and their queues are watched from the moment
# they are in local.functions; tables and workflows, and the queues of their schedules, from the moment
# they are in inventory.tf.

locals {
  # Of the code's metrics, this stack's: see count in lambda_src/customer_platform/observability.py.
  feedback_metrics = { namespace = "FeedbackProcessing", dimensions = { Suffix = local.suffix } }

  watched_functions = { for handler, function in local.functions : handler => merge(local.function_defaults, function) }
}

module "monitoring" {
  source = "../modules/monitoring"

  suffix  = local.suffix
  runbook = "docs/monitoring.md"

  functions = { for handler, function in local.watched_functions : handler => {
    name            = module.function[handler].name
    log_group_name  = module.function[handler].log_group_name
    answers         = contains(values(local.operations), handler)
    consumes_stream = length(function.event_sources) > 0
  } }
  # Raised by @job_handler and @stream_handler, after the cause is logged.
  logged_exceptions = ["BatchFailedError", "JobFailedError"]

  tables = { for name, table in local.tables : name => {
    name    = table.name
    indexes = keys(table.index_arns)
  } }
  queues = merge(
    { for handler, function in local.watched_functions : replace(handler, "_", "-") => module.function[handler].dead_letter_queue_name
    if function.dead_letter_queue != null },
    { for name, workflow in local.workflows : name => workflow.schedule_dead_letter_queue_name
    if workflow.schedule_dead_letter_queue_name != null },
    local.message_queues,
  )
  api = { name = module.api.name, stage = module.api.stage_name }

  rules = var.monitoring.rules
  alarms = merge(local.mail_alarms, {
    # A rollback that did not take place cannot wait for the day.
    rollback-lost = {
      severity    = "critical"
      description = "The rollback orchestrator gave up on an alarm: roll back by hand, see docs/runbook.md, A release is bad."
      metrics = { messages = {
        namespace  = "AWS/SQS"
        name       = "ApproximateNumberOfMessagesVisible"
        dimensions = { QueueName = "${local.function_names["rollback_orchestrator"]}-dlq" }
        statistic  = "Maximum"
      } }
      threshold = 0
      period    = 60
    }

    # Part of the product's contract from its first design on, with these numbers; the rule for tables
    # is quicker, this one notices what smoulders.
    feedback-table-throttles = {
      description = "DynamoDB refused more than ten reads or writes of the feedback table within five minutes, because they were too many."
      metrics = { for id, metric in { reads = "ReadThrottleEvents", writes = "WriteThrottleEvents" } : id => {
        namespace  = "AWS/DynamoDB"
        name       = metric
        dimensions = { TableName = module.feedback_table.name }
      } }
      expression = "FILL(reads, 0) + FILL(writes, 0)"
      threshold  = 10
    }
  })

  business_widgets = [
    {
      title   = "Feedback per hour"
      metrics = [for sentiment in local.sentiments : merge(local.feedback_metrics, { name = "FeedbackProcessed", dimensions = { Suffix = local.suffix, Sentiment = sentiment }, label = lower(sentiment) })]
      stacked = true
    },
    {
      title     = "Average rating"
      metrics   = [merge(local.feedback_metrics, { name = "FeedbackRating", label = "1 to 5" })]
      statistic = "Average"
    },
    {
      title   = "Sentiment"
      metrics = [for sentiment in local.sentiments : merge(local.feedback_metrics, { name = "FeedbackProcessed", dimensions = { Suffix = local.suffix, Sentiment = sentiment }, label = lower(sentiment) })]
      view    = "pie"
    },
    {
      title   = "Tasks created, changed and deleted per hour"
      metrics = [for action in ["created", "updated", "deleted"] : merge(local.feedback_metrics, { name = "TaskChanges", dimensions = { Suffix = local.suffix, Action = action }, label = action })]
      stacked = true
    },
    {
      title = "Messages per hour"
      metrics = flatten([for name in ["Accepted", "Sent", "Throttled", "InDoubt", "Failed"] : [for channel in local.channels :
        merge(local.feedback_metrics, { name = "Messages${name}", dimensions = { Suffix = local.suffix, Channel = channel }, label = "${channel} ${lower(name)}" })
      ]])
    },
    {
      title   = "What became of e-mails"
      metrics = [for event in ["Delivery", "Bounce", "Complaint", "Reject"] : merge(local.feedback_metrics, { name = "EmailEvents", dimensions = { Suffix = local.suffix, Event = event }, label = lower(event) })]
      stacked = true
    },
    {
      title   = "Visitors who wrote to the team, acknowledgements left out"
      metrics = [for name in ["ContactRequests", "AcknowledgementsOverLimit"] : merge(local.feedback_metrics, { name = name, label = name })]
    },
    {
      title   = "Requests that failed, answers of the lexicon in Comprehend's place"
      metrics = [for name in ["ProcessingErrors", "SentimentFallbacks"] : merge(local.feedback_metrics, { name = name, label = name })]
    },
  ]

  subscriptions          = var.monitoring.subscriptions
  subscription_endpoints = var.subscription_endpoints
  slack                  = var.monitoring.slack

  budget       = var.monitoring.budget
  cost_anomaly = var.monitoring.cost_anomaly

  kms_key_arn = var.kms_key_arn
  key_users   = local.mail_key_users
  require_tls = var.emulator_endpoint == null
  tags        = local.tags
}

locals {
  sentiments = ["POSITIVE", "NEUTRAL", "NEGATIVE", "MIXED"]
  channels   = concat(["email"], var.sms.enabled ? ["sms"] : [])

  # Each partition's consoles have a host of their own.
  console = lookup({ aws-cn = "console.amazonaws.cn", aws-us-gov = "console.amazonaws-us-gov.com" }, data.aws_partition.current.partition, "console.aws.amazon.com")
}

moved {
  from = aws_cloudwatch_metric_alarm.feedback_processor_errors
  to   = module.monitoring.aws_cloudwatch_metric_alarm.this["feedback-processor-errors"]
}

moved {
  from = aws_cloudwatch_metric_alarm.feedback_table_throttles
  to   = module.monitoring.aws_cloudwatch_metric_alarm.this["feedback-table-throttles"]
}
