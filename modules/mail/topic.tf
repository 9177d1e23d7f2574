# The topic of events. They name addresses and subjects, so it is encrypted, and nobody but SES, for this
# configuration set, publishes to it.

resource "aws_sns_topic" "events" {
  name              = local.topic_name
  display_name      = "SES ${var.name}"
  kms_master_key_id = var.kms_key_arn

  tags = var.tags
}

data "aws_iam_policy_document" "events" {
  statement {
    sid       = "PublishEvents"
    actions   = ["sns:Publish"]
    resources = [local.topic_arn]

    principals {
      type        = "Service"
      identifiers = ["ses.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.configuration_set_arn]
    }
  }

  dynamic "statement" {
    for_each = var.require_tls ? ["RefuseUnencryptedTransport"] : []
    content {
      sid       = statement.value
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
}

resource "aws_sns_topic_policy" "events" {
  arn    = local.topic_arn
  policy = data.aws_iam_policy_document.events.json

  depends_on = [aws_sns_topic.events]
}
