# Two dashboards: whether the system is well, and what it is used for.

locals {
  answering = [for handler, name in local.function_names : name if var.functions[handler].answers]

  # Logs Insights over all functions at once: our lines hold no message of an exception, so what is
  # grouped here is what happened, not to whom.
  top_errors = join(" | ", concat(
    [for function in values(var.functions) : "SOURCE '${function.log_group_name}'"],
    [
      "filter level in [\"ERROR\", \"CRITICAL\"] or @message like /\\[ERROR\\]|Task timed out|Runtime exited/",
      "fields coalesce(service, @log) as handler, coalesce(message, @message) as what",
      "stats count(*) as errors, latest(@timestamp) as last by handler, what, errorType, errorMessage",
      "sort errors desc",
      "limit 20",
    ],
  ))

  function_metrics = { for metric in ["Invocations", "Duration", "Throttles", "IteratorAge"] : metric => [
    for handler, function in var.functions : {
      namespace  = "AWS/Lambda"
      name       = metric
      dimensions = { FunctionName = function.name }
      label      = local.function_names[handler]
    } if metric != "IteratorAge" || function.consumes_stream
  ] }

  logged_metrics = { for metric in ["errors", "cold-starts"] : metric => [for name in values(local.function_names) : {
    namespace  = local.namespace
    name       = "${name}-${metric}"
    dimensions = {}
    label      = name
  }] }

  # Title, metrics, statistic, period: as in business_widgets. A chart without metrics is left out.
  health_widgets = [
    {
      title     = "Requests"
      metrics   = [for api in var.api[*] : { namespace = "AWS/ApiGateway", name = "Count", dimensions = { ApiName = api.name, Stage = api.stage }, label = "requests" }]
      statistic = "Sum"
    },
    {
      title = "Share of requests answered with 4xx and 5xx"
      metrics = flatten([for api in var.api[*] : [for name in ["4XXError", "5XXError"] :
        { namespace = "AWS/ApiGateway", name = name, dimensions = { ApiName = api.name, Stage = api.stage }, label = name }
      ]])
      statistic = "Average"
    },
    {
      title     = "Latency of requests, p99 (ms)"
      metrics   = [for api in var.api[*] : { namespace = "AWS/ApiGateway", name = "Latency", dimensions = { ApiName = api.name, Stage = api.stage }, label = "p99" }]
      statistic = "p99"
    },
    { title = "Lambda: invocations", metrics = local.function_metrics["Invocations"], statistic = "Sum" },
    { title = "Lambda: duration, p99 (ms)", metrics = local.function_metrics["Duration"], statistic = "p99" },
    { title = "Lambda: errors, from the logs", metrics = local.logged_metrics["errors"], statistic = "Sum" },
    { title = "Lambda: throttles", metrics = local.function_metrics["Throttles"], statistic = "Sum" },
    { title = "Lambda: cold starts", metrics = local.logged_metrics["cold-starts"], statistic = "Sum" },
    { title = "Streams: age of the oldest record (ms)", metrics = local.function_metrics["IteratorAge"], statistic = "Maximum" },
    {
      title = "DynamoDB: throttled reads and writes"
      metrics = flatten([for name, sets in local.targets.table : [for dimensions in sets : [for metric in ["ReadThrottleEvents", "WriteThrottleEvents"] : {
        namespace  = "AWS/DynamoDB"
        name       = metric
        dimensions = dimensions
        label      = join(" ", compact([name, lookup(dimensions, "GlobalSecondaryIndexName", ""), metric == "ReadThrottleEvents" ? "reads" : "writes"]))
      }]]])
      statistic = "Sum"
    },
    {
      title = "Dead letters"
      metrics = [for name, queue in local.queues : {
        namespace = "AWS/SQS", name = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = queue }, label = name
      }]
      statistic = "Maximum"
    },
    {
      title = "CloudFront: cache hit ratio (%)"
      metrics = [for id in var.cdn_distribution_id[*] : {
        namespace = "AWS/CloudFront", name = "CacheHitRate", dimensions = { DistributionId = id, Region = "Global" }, label = "hits"
      }]
      statistic = "Average"
    },
  ]

  charts = {
    system-health = [for widget in local.health_widgets : merge({ period = 300, view = "timeSeries", stacked = false }, widget) if length(widget.metrics) > 0]
    business      = var.business_widgets
  }

  # Three in a row, under the alarms; below them, as wide as the page, the top errors.
  dashboards = { for dashboard, widgets in local.charts : dashboard => jsonencode({
    widgets = concat(
      [for position, widget in widgets : {
        type   = "metric"
        x      = 8 * (position % 3)
        y      = 4 + 6 * floor(position / 3)
        width  = 8
        height = 6
        properties = {
          title   = widget.title
          region  = startswith(try(widget.metrics[0].namespace, ""), "AWS/CloudFront") ? var.cdn_metrics_region : local.region
          view    = widget.view
          stacked = widget.stacked
          stat    = widget.statistic
          period  = widget.period
          # A pie or a number is about all that is shown, not about the last period.
          setPeriodToTimeRange = widget.view != "timeSeries"
          # NAMESPACE, NAME, then each dimension's name and value, then how it is shown.
          metrics = [for metric in widget.metrics : concat(
            [metric.namespace, metric.name],
            flatten([for name, value in metric.dimensions : [name, value]]),
            metric.label == null ? [] : [{ label = metric.label }],
          )]
        }
      }],
      dashboard != "system-health" ? [] : [{
        type       = "alarm"
        x          = 0
        y          = 0
        width      = 24
        height     = 4
        properties = { title = "Alarms", alarms = local.alarm_arns, sortBy = "stateUpdatedTimestamp" }
      }],
      length(var.functions) == 0 ? [] : [{
        type   = "log"
        x      = 0
        y      = 4 + 6 * ceil(length(widgets) / 3)
        width  = 24
        height = 6
        properties = {
          title  = "Top error messages"
          region = local.region
          view   = "table"
          query  = local.top_errors
        }
      }],
    )
  }) }

  alarm_arns = [for name in sort(concat(
    [for name in keys(local.alarms) : "${name}-${var.suffix}"],
    length(local.gathered) == 0 ? [] : ["api-unhealthy-${var.suffix}"],
  )) : "arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:${name}"]
}

resource "aws_cloudwatch_dashboard" "this" {
  for_each = local.dashboards

  dashboard_name = "${each.key}-${var.suffix}"
  dashboard_body = each.value
}
