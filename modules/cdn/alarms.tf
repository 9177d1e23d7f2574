# CloudFront and its web ACL count in one region, where the alarms are, and the topic that they need there: an
# alarm tells nobody in another region.

locals {
  alarms = var.alarms.enabled ? merge(
    {
      server-errors = {
        description = "More than ${var.alarms.server_error_percent} % of the site's requests were answered with 5xx for 10 min. The API's own are in its alarms too; without those it is the bucket, its policy or a function at the edge."
        threshold   = var.alarms.server_error_percent
        # Of a handful of requests a single error is a large share.
        expression = "IF(requests >= 50, errors, 0)"
        metrics = {
          errors   = { namespace = "AWS/CloudFront", name = "5xxErrorRate", statistic = "Average", dimensions = local.distribution_dimensions }
          requests = { namespace = "AWS/CloudFront", name = "Requests", statistic = "Sum", dimensions = local.distribution_dimensions }
        }
      }
      function-errors = {
        description = "Functions at the edge failed more than 5 times in 5 min, twice in a row: visitors get 503."
        threshold   = 5
        expression  = "SUM(FILL(METRICS(), 0))"
        metrics = { for key in keys(local.functions) : key => {
          namespace  = "AWS/CloudFront", name = "FunctionExecutionErrors", statistic = "Sum"
          dimensions = { FunctionName = aws_cloudfront_function.this[key].name, Region = "Global" }
        } }
      }
    },
    var.waf.enabled ? {
      blocked = {
        description = "The web ACL refused more than ${var.alarms.blocked_requests} requests in 5 min, twice in a row: an attack, or a rule that refuses visitors. Its log says which."
        threshold   = var.alarms.blocked_requests
        expression  = "FILL(blocked, 0)"
        metrics = { blocked = {
          namespace = "AWS/WAFV2", name = "BlockedRequests", statistic = "Sum", dimensions = { WebACL = var.name, Rule = "ALL" }
        } }
      }
    } : {},
  ) : {}

  # Spelled out: what depends on a topic that is yet to be made cannot be reviewed in a plan.
  topic_arn = "arn:${data.aws_partition.current.partition}:sns:${data.aws_region.us_east_1.name}:${local.account}:${var.names.topic}"

  distribution_dimensions = { DistributionId = aws_cloudfront_distribution.this.id, Region = "Global" }
}

resource "aws_sns_topic" "alarms" {
  #checkov:skip=CKV_AWS_26:an alarm says numbers and this stack's name. Cost: $1 a month for a key in this region, which alarms need: they may not use AWS's own.
  #trivy:ignore:AVD-AWS-0095 an alarm says numbers and this stack's name. Cost: $1 a month for a key in this region, which alarms need: they may not use AWS's own.
  provider = aws.us_east_1
  count    = var.alarms.enabled ? 1 : 0

  name = var.names.topic

  tags = var.tags
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "AlarmsPublish"
    actions   = ["sns:Publish"]
    resources = [local.topic_arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${data.aws_partition.current.partition}:cloudwatch:${data.aws_region.us_east_1.name}:${local.account}:alarm:${var.name}-*"]
    }
  }

  statement {
    sid       = "RefuseUnencryptedTransport"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [local.topic_arn]

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

resource "aws_sns_topic_policy" "alarms" {
  provider = aws.us_east_1
  count    = var.alarms.enabled ? 1 : 0

  arn    = local.topic_arn
  policy = data.aws_iam_policy_document.topic.json

  depends_on = [aws_sns_topic.alarms]
}

resource "aws_sns_topic_subscription" "alarms" {
  provider = aws.us_east_1
  for_each = var.alarms.enabled ? var.alarms.subscriptions : {}

  topic_arn = local.topic_arn
  protocol  = each.value.protocol
  endpoint  = lookup(var.alarm_endpoints, each.key, each.value.endpoint)

  depends_on = [aws_sns_topic.alarms]
}

resource "aws_cloudwatch_metric_alarm" "this" {
  provider = aws.us_east_1
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  evaluation_periods  = 2
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "value"
    expression  = each.value.expression
    label       = each.key
    return_data = true
  }
  dynamic "metric_query" {
    for_each = each.value.metrics
    content {
      id = metric_query.key
      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        dimensions  = metric_query.value.dimensions
        stat        = metric_query.value.statistic
        period      = 300
      }
    }
  }

  alarm_actions = [local.topic_arn]
  ok_actions    = [local.topic_arn]

  tags = var.tags
}
