# Rules times resources: every alarm of the stack, one resource.

locals {
  # What a rule looks at, by what it is about: name (the alarm's first part) => sets of dimensions.
  targets = {
    function = { for handler, name in local.function_names : name => [{ FunctionName = var.functions[handler].name }] }
    answering = { for handler, name in local.function_names : name => [{ FunctionName = var.functions[handler].name }]
      if var.functions[handler].answers
    }
    consumer = { for handler, name in local.function_names : name => [{ FunctionName = var.functions[handler].name }]
      if var.functions[handler].consumes_stream
    }
    # DynamoDB counts what it refuses for an index under the index.
    table = { for name, table in var.tables : name => concat(
      [{ TableName = table.name }],
      [for index in sort(tolist(table.indexes)) : { TableName = table.name, GlobalSecondaryIndexName = index }],
    ) }
    queue = { for name, queue in local.queues : name => [{ QueueName = queue }] }
    api   = { for api in var.api[*] : "api" => [{ ApiName = api.name, Stage = api.stage }] }
  }

  # Kind => its rule. {name} is the alarm's first part. Metrics of our own namespace have no dimension.
  # `expression` is over the metrics' names; without one there is one metric.
  rules = {
    errors = {
      about       = "function"
      severity    = "critical"
      metrics     = { errors = { namespace = local.namespace, name = "{name}-errors", statistic = "Sum" } }
      expression  = null
      threshold   = 5
      period      = 300
      periods     = 1
      description = "{name} failed more than {threshold} times within {minutes} min, by its log."
    }
    throttles = {
      about       = "function"
      severity    = "critical"
      metrics     = { throttles = { namespace = "AWS/Lambda", name = "Throttles", statistic = "Sum" } }
      expression  = null
      threshold   = 10
      period      = 60
      periods     = 1
      description = "Lambda refused to run {name} more than {threshold} times within {minutes} min: no concurrency left."
    }
    table-throttles = {
      about    = "table"
      severity = "critical"
      # Not UserErrors: those are bad requests, have no table, and leave throttled ones out.
      metrics = {
        reads  = { namespace = "AWS/DynamoDB", name = "ReadThrottleEvents", statistic = "Sum" }
        writes = { namespace = "AWS/DynamoDB", name = "WriteThrottleEvents", statistic = "Sum" }
      }
      expression  = "SUM(FILL(METRICS(), 0))"
      threshold   = 5
      period      = 60
      periods     = 1
      description = "DynamoDB refused more than {threshold} reads and writes of {name} or its indexes within {minutes} min."
    }
    server-errors = {
      about       = "api"
      severity    = "critical"
      metrics     = { errors = { namespace = "AWS/ApiGateway", name = "5XXError", statistic = "Average" } } # a share, by request
      expression  = null
      threshold   = 0.01
      period      = 300
      periods     = 1
      description = "More than {percent} % of requests were answered with 5xx for {minutes} min."
    }
    latency = {
      about       = "answering"
      severity    = "warning"
      metrics     = { duration = { namespace = "AWS/Lambda", name = "Duration", statistic = "p99" } }
      expression  = null
      threshold   = 500
      period      = 300
      periods     = 2
      description = "One call of {name} in a hundred took longer than {threshold} ms, for {minutes} min."
    }
    request-latency = {
      about       = "api"
      severity    = "warning"
      metrics     = { latency = { namespace = "AWS/ApiGateway", name = "Latency", statistic = "p99" } }
      expression  = null
      threshold   = 500
      period      = 300
      periods     = 2
      description = "One request in a hundred took longer than {threshold} ms, for {minutes} min."
    }
    cold-starts = {
      about    = "function"
      severity = "warning"
      metrics = {
        starts      = { namespace = local.namespace, name = "{name}-cold-starts", statistic = "Sum" }
        invocations = { namespace = "AWS/Lambda", name = "Invocations", statistic = "Sum" }
      }
      # Of a handful of calls, most are the first of their environment: nobody can mend that.
      expression  = "IF(invocations >= ${var.cold_starts_minimum_invocations}, 100 * starts / invocations, 0)"
      threshold   = 20
      period      = 300
      periods     = 3
      description = "{name} had to be started for more than {threshold} % of its calls, for {minutes} min."
    }
    stream-age = {
      about       = "consumer"
      severity    = "warning"
      metrics     = { age = { namespace = "AWS/Lambda", name = "IteratorAge", statistic = "Maximum" } }
      expression  = null
      threshold   = 300000
      period      = 60
      periods     = 5
      description = "{name} has been more than {seconds} s behind its stream for {minutes} min."
    }
    dead-letters = {
      about       = "queue"
      severity    = "warning"
      metrics     = { messages = { namespace = "AWS/SQS", name = "ApproximateNumberOfMessagesVisible", statistic = "Maximum" } }
      expression  = null
      threshold   = 0
      period      = 300
      periods     = 1
      description = "Something lies on the dead-letter queue of {name}."
    }
  }

  # With what whoever calls the module wants otherwise.
  settings = { for kind, rule in local.rules : kind => {
    for setting in ["severity", "threshold", "period", "periods"] : setting =>
    try(var.rules[kind][setting], null) == null ? rule[setting] : var.rules[kind][setting]
  } }

  # One alarm of many that mean the same: see the module's README.
  gathered = length(local.targets.api) == 0 ? [] : [for name in concat(
    ["api-server-errors"], [for name in keys(local.targets.answering) : "${name}-throttles"],
  ) : name if contains(keys(local.ruled), name)]

  ruled = merge([for kind, rule in local.rules : {
    for name, dimension_sets in local.targets[rule.about] : "${name}-${kind}" => {
      kind       = kind
      about      = name
      severity   = local.settings[kind].severity
      expression = rule.expression
      threshold  = local.settings[kind].threshold
      period     = local.settings[kind].period
      periods    = local.settings[kind].periods
      comparison = "GreaterThanThreshold"

      description = join("", concat(
        [replace(replace(replace(replace(replace(rule.description,
          "{name}", name),
          "{threshold}", tostring(local.settings[kind].threshold)),
          "{percent}", format("%.4g", 100 * local.settings[kind].threshold)),
          "{seconds}", tostring(local.settings[kind].threshold / 1000)),
          "{minutes}", tostring(local.settings[kind].period * local.settings[kind].periods / 60),
        )],
        var.runbook == null ? [] : [" What to do: ${var.runbook}#${kind}"],
      ))

      # The first set's metrics keep their names, for expressions; those of indexes get a number.
      metrics = merge([for position, dimensions in dimension_sets : {
        for id, metric in rule.metrics : position == 0 ? id : "${id}${position}" => {
          namespace  = metric.namespace
          name       = replace(metric.name, "{name}", name)
          statistic  = metric.statistic
          dimensions = metric.namespace == local.namespace ? {} : dimensions
        }
      }]...)
    }
  } if try(var.rules[kind].enabled, true)]...)

  own = { for name, alarm in var.alarms : name => merge(alarm, {
    kind        = "own"
    about       = name
    description = join("", [alarm.description, var.runbook == null ? "" : " What to do: ${var.runbook}#${name}"])
  }) }

  alarms = { for name, alarm in merge(local.ruled, local.own) : name => merge(alarm, {
    single = alarm.expression == null ? one(values(alarm.metrics)) : null
  }) }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name        = "${each.key}-${var.suffix}"
  alarm_description = each.value.description

  namespace          = try(each.value.single.namespace, null)
  metric_name        = try(each.value.single.name, null)
  dimensions         = try(each.value.single.dimensions, null)
  period             = each.value.single == null ? null : each.value.period
  statistic          = try(startswith(each.value.single.statistic, "p") ? null : each.value.single.statistic, null)
  extended_statistic = try(startswith(each.value.single.statistic, "p") ? each.value.single.statistic : null, null)

  dynamic "metric_query" {
    for_each = each.value.expression[*]
    content {
      id          = "result"
      expression  = metric_query.value
      label       = each.key
      return_data = true
    }
  }

  dynamic "metric_query" {
    for_each = each.value.expression == null ? {} : each.value.metrics
    content {
      id = metric_query.key
      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        dimensions  = metric_query.value.dimensions
        stat        = metric_query.value.statistic
        period      = each.value.period
      }
    }
  }

  evaluation_periods  = each.value.periods
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching" # nothing was called, refused or left behind

  alarm_actions = contains(local.gathered, each.key) ? [] : [local.topic_arns[each.value.severity]]
  ok_actions    = contains(local.gathered, each.key) ? [] : [local.topic_arns[each.value.severity]]

  tags = var.tags

  # Nothing is told before it can be published.
  depends_on = [aws_sns_topic.this, aws_sns_topic_policy.this]
}

resource "aws_cloudwatch_composite_alarm" "api" {
  count = length(local.gathered) == 0 ? 0 : 1

  alarm_name        = "api-unhealthy-${var.suffix}"
  alarm_description = join("", ["The API answers with 5xx, or Lambda has no concurrency left for a function that answers.", var.runbook == null ? "" : " What to do: ${var.runbook}#api-unhealthy"])
  alarm_rule        = join(" OR ", [for name in local.gathered : "ALARM(\"${aws_cloudwatch_metric_alarm.this[name].alarm_name}\")"])

  alarm_actions = [local.topic_arns["critical"]]
  ok_actions    = [local.topic_arns["critical"]]

  tags = var.tags
}
