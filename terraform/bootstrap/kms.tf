# A key for tables, queues, functions' environments, log groups, topics and states.

data "aws_iam_policy_document" "kms_key" {
  count = var.create_kms_key ? 1 : 0

  # Whoever may use or manage the key says so in an IAM policy of its own: the `function` module
  # gives each role the use of it through DynamoDB, Lambda and SQS, and nothing more.
  statement {
    sid       = "LeaveToIam"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }

  # CloudWatch Logs encrypts in its own name, so it must stand here; for this account's groups only.
  statement {
    sid = "EncryptLogs"
    actions = [
      "kms:Decrypt",
      "kms:Encrypt",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
    ]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${local.region}.${data.aws_partition.current.dns_suffix}"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:*"]
    }
  }

  # Who publishes to the stacks' topics: SNS encrypts in the publishing service's name. Each for what
  # it sends on behalf of this account only.
  dynamic "statement" {
    for_each = local.publishers
    content {
      sid       = "EncryptFor${statement.key}"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = ["*"]

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
}

locals {
  # As in modules/monitoring and modules/mail, for all stacks of the account.
  publishers = {
    Alarms = {
      service = "cloudwatch.amazonaws.com"
      sources = ["arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:*"]
    }
    Budgets = {
      service = "budgets.amazonaws.com"
      sources = ["arn:${local.partition}:budgets::${local.account}:*"]
    }
    CostAnomalies = {
      service = "costalerts.amazonaws.com"
      sources = [] # it names no ARN
    }
    Mail = {
      service = "ses.amazonaws.com"
      sources = ["arn:${local.partition}:ses:${local.region}:${local.account}:configuration-set/*"]
    }
  }
}

resource "aws_kms_key" "data" {
  #checkov:skip=PLATFORM_WILDCARD_ACTION:kms:* for the account's root only hands the decision to IAM policies, as in AWS's default key policy. Cost: a key that nobody can manage if the one who made it goes.
  #iam:skip=RESOURCE_MISMATCH:kms:* takes in actions that know no key, see LeaveToIam. Cost: a key that nobody can manage if the one who made it goes.
  #iam:skip=MISMATCHED_TYPE:ArnLike is AWS's own form for CloudWatch Logs, and keeps * within one part of the ARN. Cost: with StringLike, * would reach across account and region.
  count = var.create_kms_key ? 1 : 0

  description             = "Data and logs of ${var.project_name}."
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.kms_key[0].json
}

resource "aws_kms_alias" "data" {
  count = var.create_kms_key ? 1 : 0

  name          = "alias/${var.project_name}"
  target_key_id = aws_kms_key.data[0].key_id
}
