# Topics by severity, who may publish to them, and who hears.

locals {
  topics = {
    critical    = "Somebody is needed now."
    warning     = "Somebody should look within the day."
    deployments = "What releases and rollbacks did, or refused to do."
  }
  # Spelled out, so that policies need not wait for the topics, and plans name them.
  topic_arns = { for severity in keys(local.topics) : severity =>
    "arn:${local.partition}:sns:${local.region}:${local.account}:${severity}-${var.suffix}"
  }

  # AWS's services that publish: in this account's name only, and for this stack's alarms only.
  publishers = merge(
    {
      Alarms = {
        service = "cloudwatch.amazonaws.com"
        topics  = ["critical", "warning"]
        # The others are those of modules/workflow, backup and log_archive.
        sources = [for name in ["*-${var.suffix}", "*-${var.suffix}-unsuccessful", "*-${var.suffix}-stale", "*-${var.suffix}-forwarding-*"] :
          "arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:${name}"
        ]
      }
    },
    var.budget == null ? {} : {
      Budgets = {
        service = "budgets.amazonaws.com"
        topics  = ["warning"]
        sources = ["arn:${local.partition}:budgets::${local.account}:*"]
      }
    },
    var.cost_anomaly == null ? {} : {
      CostAnomalies = {
        service = "costalerts.amazonaws.com"
        topics  = ["warning"]
        sources = [] # it names no ARN
      }
    },
  )

  # A topic without a statement keeps the policy that SNS gives it: for its own account.
  topic_policies = { for severity in keys(local.topics) : severity => {
    for name, publisher in local.publishers : name => publisher if contains(publisher.topics, severity)
  } if var.require_tls || anytrue([for publisher in values(local.publishers) : contains(publisher.topics, severity)]) }
}

resource "aws_sns_topic" "this" {
  for_each = local.topics

  name              = "${each.key}-${var.suffix}"
  display_name      = "${each.key} ${var.suffix}"
  kms_master_key_id = var.kms_key_arn == null ? one(aws_kms_key.topics[*].arn) : var.kms_key_arn

  tags = var.tags
}

data "aws_iam_policy_document" "topic" {
  for_each = local.topic_policies

  dynamic "statement" {
    for_each = each.value
    content {
      sid       = "Publish${statement.key}"
      actions   = ["sns:Publish"]
      resources = [local.topic_arns[each.key]]

      principals {
        type        = "Service"
        identifiers = [statement.value.service]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [local.account]
      }
      dynamic "condition" {
        for_each = length(statement.value.sources) == 0 ? [] : [statement.value.sources]
        content {
          test     = "ArnLike"
          variable = "aws:SourceArn"
          values   = condition.value
        }
      }
    }
  }

  dynamic "statement" {
    for_each = var.require_tls ? ["RefuseUnencryptedTransport"] : []
    content {
      sid       = statement.value
      effect    = "Deny"
      actions   = ["sns:Publish"]
      resources = [local.topic_arns[each.key]]

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
}

resource "aws_sns_topic_policy" "this" {
  for_each = local.topic_policies

  arn    = local.topic_arns[each.key]
  policy = data.aws_iam_policy_document.topic[each.key].json

  depends_on = [aws_sns_topic.this]
}

# --- who hears

locals {
  subscriptions = merge([for name, subscription in var.subscriptions : {
    for topic in subscription.topics : "${name}/${topic}" => {
      topic    = topic
      protocol = subscription.protocol
      name     = name
    }
  }]...)
}

resource "aws_sns_topic_subscription" "this" {
  for_each = local.subscriptions

  topic_arn = aws_sns_topic.this[each.value.topic].arn
  protocol  = each.value.protocol
  endpoint  = local.endpoints[each.value.name]

  # PagerDuty and its like answer SNS's question whether they want the messages; people do it by a
  # link in an e-mail, which Terraform does not wait for.
  endpoint_auto_confirms = each.value.protocol == "https"

  redrive_policy = !contains(local.redriven, each.value.protocol) ? null : jsonencode({
    deadLetterTargetArn = local.undelivered_arn
  })

  depends_on = [aws_sqs_queue.undelivered]
}

# What an endpoint did not take, after SNS's own retries (an hour for https). Mail and texts have none.

locals {
  redriven          = ["https", "sqs"]
  undelivered       = "undelivered-notifications"
  undelivered_arn   = "arn:${local.partition}:sqs:${local.region}:${local.account}:${local.undelivered}-${var.suffix}"
  keeps_undelivered = anytrue([for subscription in values(var.subscriptions) : contains(local.redriven, subscription.protocol)])
}

data "aws_iam_policy_document" "undelivered" {
  count = local.keeps_undelivered ? 1 : 0

  statement {
    sid       = "KeepUndelivered"
    actions   = ["sqs:SendMessage"]
    resources = [local.undelivered_arn]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = values(local.topic_arns)
    }
  }

  dynamic "statement" {
    for_each = var.require_tls ? ["RefuseUnencryptedTransport"] : []
    content {
      sid       = statement.value
      effect    = "Deny"
      actions   = ["sqs:*"]
      resources = [local.undelivered_arn]

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
}

resource "aws_sqs_queue" "undelivered" {
  count = local.keeps_undelivered ? 1 : 0

  name                      = "${local.undelivered}-${var.suffix}"
  message_retention_seconds = 1209600 # 14 days, the most
  sqs_managed_sse_enabled   = true
  policy                    = data.aws_iam_policy_document.undelivered[0].json

  tags = var.tags
}

locals {
  # In a local of its own: a subscription's name is no secret, its endpoint may be.
  endpoints = { for name, subscription in var.subscriptions : name =>
    subscription.endpoint == null ? var.subscription_endpoints[name] : subscription.endpoint
  }
}

# A Slack channel, through what was AWS Chatbot and is Amazon Q Developer in chat applications. The
# workspace must have been connected once in the console.

data "aws_iam_policy_document" "slack_assume" {
  count = var.slack == null ? 0 : 1

  statement {
    sid     = "ChatAssumes"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["chatbot.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:chatbot::${local.account}:chat-configuration/slack-channel/notifications-${var.suffix}"]
    }
  }
}

# May do nothing at all: the channel is told things, and asks nothing of the account.
resource "aws_iam_role" "slack" {
  count = var.slack == null ? 0 : 1

  name               = "chat-notifications-role-${var.suffix}"
  description        = "Notifications of ${var.suffix} in Slack: no permission."
  assume_role_policy = data.aws_iam_policy_document.slack_assume[0].json

  tags = var.tags
}

resource "aws_chatbot_slack_channel_configuration" "this" {
  count = var.slack == null ? 0 : 1

  configuration_name = "notifications-${var.suffix}"
  slack_team_id      = var.slack.team_id
  slack_channel_id   = var.slack.channel_id
  iam_role_arn       = aws_iam_role.slack[0].arn
  sns_topic_arns     = [for topic in sort(tolist(var.slack.topics)) : aws_sns_topic.this[topic].arn]
  logging_level      = "ERROR"

  # Whatever somebody gives the role one day. Left out, AWS sets AdministratorAccess here.
  guardrail_policy_arns       = ["arn:${local.partition}:iam::aws:policy/AWSDenyAll"]
  user_authorization_required = true

  tags = var.tags
}
