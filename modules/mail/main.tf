# How e-mail leaves, and how its fate comes back: a configuration set, and a topic that tells of every
# sending, delivery, bounce and complaint.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition
  location  = "${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"

  topic_name = coalesce(var.topic_name, "${var.name}-events")

  # Spelled out, so that policies need not wait for what they name, and plans show them.
  configuration_set_arn = "arn:${local.partition}:ses:${local.location}:configuration-set/${var.name}"
  topic_arn             = "arn:${local.partition}:sns:${local.location}:${local.topic_name}"
}

resource "aws_sesv2_configuration_set" "this" {
  configuration_set_name = var.name

  # To a server that speaks no TLS nothing is delivered, rather than in the clear.
  delivery_options {
    tls_policy = "REQUIRE"
  }
  reputation_options {
    reputation_metrics_enabled = var.reputation_metrics
  }
  sending_options {
    sending_enabled = true
  }
  # SES's own list, of the account: what it bounced for is not tried again, whoever sends.
  suppression_options {
    suppressed_reasons = var.suppressed_reasons
  }

  tags = var.tags
}

resource "aws_sesv2_configuration_set_event_destination" "events" {
  configuration_set_name = aws_sesv2_configuration_set.this.configuration_set_name
  event_destination_name = "events"

  # Neither opens nor clicks: nobody's reading is watched.
  event_destination {
    enabled              = true
    matching_event_types = var.event_types

    sns_destination {
      topic_arn = aws_sns_topic.events.arn
    }
  }

  # SES tries whether it may publish before it takes the destination.
  depends_on = [aws_sns_topic_policy.events]
}
