# The topics' key. AWS's own key for SNS would not do: its policy lets no alarm publish.

data "aws_iam_policy_document" "key" {
  count = var.kms_key_arn == null ? 1 : 0

  # Who else publishes to a topic, or manages the key, says so in an IAM policy of its own.
  statement {
    sid       = "LeaveToIam"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }

  # SNS encrypts in the name of the service that publishes.
  dynamic "statement" {
    for_each = merge(local.publishers, var.key_users)
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

resource "aws_kms_key" "topics" {
  #checkov:skip=PLATFORM_WILDCARD_ACTION:kms:* for the account's root only hands the decision to IAM policies, as in AWS's default key policy. Cost: a key that nobody can manage if the one who made it goes.
  #iam:skip=RESOURCE_MISMATCH:kms:* takes in actions that know no key, see LeaveToIam. Cost: a key that nobody can manage if the one who made it goes.
  count = var.kms_key_arn == null ? 1 : 0

  description             = "Notifications of ${var.suffix}."
  enable_key_rotation     = true
  deletion_window_in_days = 7 # the least: messages are delivered within the hour, and nothing else lies under it
  policy                  = data.aws_iam_policy_document.key[0].json

  tags = var.tags
}

resource "aws_kms_alias" "topics" {
  count = var.kms_key_arn == null ? 1 : 0

  name          = "alias/notifications-${var.suffix}"
  target_key_id = aws_kms_key.topics[0].key_id
}
