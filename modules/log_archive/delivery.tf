# What carries log events into the bucket: an Amazon Data Firehose stream with its log, role and alarm.

locals {
  stream_arn = join(":", [
    "arn", data.aws_partition.current.partition, "firehose", data.aws_region.current.name,
    local.account, "deliverystream/${var.name}",
  ])
  stream_group = "/aws/kinesisfirehose/${var.name}"
}

# Not archived itself: an error about delivering would be delivered.
resource "aws_cloudwatch_log_group" "delivery" {
  #checkov:skip=CKV_AWS_158:CloudWatch's own key encrypts where kms_key_arn is null. Cost: $1 a month for a customer-managed key.
  #checkov:skip=CKV_AWS_338:log_retention_days decides. Cost: $0.03 per GB and month for a year of logs.
  name              = local.stream_group
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = var.tags
}

resource "aws_cloudwatch_log_stream" "delivery" {
  name           = "DestinationDelivery"
  log_group_name = aws_cloudwatch_log_group.delivery.name
}

data "aws_iam_policy_document" "delivery_assume" {
  statement {
    sid     = "FirehoseDelivers"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.stream_arn]
    }
  }
}

resource "aws_iam_role" "delivery" {
  name               = var.names.delivery_role
  description        = "Delivers logs into ${var.names.bucket}."
  assume_role_policy = data.aws_iam_policy_document.delivery_assume.json

  tags = var.tags
}

data "aws_iam_policy_document" "delivery" {
  statement {
    sid       = "FindBucket"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [local.bucket_arns["archive"]]
  }

  statement {
    sid     = "WriteArchive"
    actions = ["s3:AbortMultipartUpload", "s3:PutObject"]
    resources = [
      "${local.bucket_arns["archive"]}/${local.prefix}*",
      "${local.bucket_arns["archive"]}/${local.error_prefix}*",
    ]
  }

  statement {
    sid     = "WriteOwnLog"
    actions = ["logs:PutLogEvents"]
    resources = [join(":", [
      "arn", data.aws_partition.current.partition, "logs", data.aws_region.current.name, local.account,
      "log-group", local.stream_group, "log-stream", aws_cloudwatch_log_stream.delivery.name,
    ])]
  }

  # The bucket's key, and the stream's own.
  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : ["UseKeyThroughServices"]
    content {
      sid       = statement.value
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values = [
          for service in ["firehose", "s3"] :
          "${service}.${data.aws_region.current.name}.${data.aws_partition.current.dns_suffix}"
        ]
      }
    }
  }
}

resource "aws_iam_role_policy" "delivery" {
  name   = "delivery"
  role   = aws_iam_role.delivery.id
  policy = data.aws_iam_policy_document.delivery.json
}

resource "aws_kinesis_firehose_delivery_stream" "this" {
  #checkov:skip=CKV_AWS_241:kms_key_arn decides; without it Firehose's own key encrypts. Cost: $1 a month for a customer-managed key.
  name        = var.name
  destination = "extended_s3"

  server_side_encryption {
    enabled  = true
    key_type = var.kms_key_arn == null ? "AWS_OWNED_CMK" : "CUSTOMER_MANAGED_CMK"
    key_arn  = var.kms_key_arn
  }

  extended_s3_configuration {
    role_arn   = aws_iam_role.delivery.arn
    bucket_arn = local.bucket_arns["archive"]

    prefix              = "${local.prefix}year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/"
    error_output_prefix = "${local.error_prefix}!{firehose:error-output-type}/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/"
    buffering_size      = var.buffering.megabytes
    buffering_interval  = var.buffering.seconds
    compression_format  = "GZIP"

    # CloudWatch Logs sends gzip: without the first, an object would be gzip in gzip that no query engine
    # reads. Without the second, the records of an object would run into one line. The third processor that
    # AWS offers, which keeps the bare messages, would lose the log group, the stream and the time.
    processing_configuration {
      enabled = true
      processors {
        type = "Decompression"
        parameters {
          parameter_name  = "CompressionFormat"
          parameter_value = "GZIP"
        }
      }
      processors {
        type = "AppendDelimiterToRecord"
        parameters {
          parameter_name  = "Delimiter"
          parameter_value = "\\n"
        }
      }
    }

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.delivery.name
      log_stream_name = aws_cloudwatch_log_stream.delivery.name
    }
  }

  tags = var.tags

  # Firehose looks at the bucket with the role when the stream is made.
  depends_on = [aws_iam_role_policy.delivery, aws_s3_bucket.this]
}

# Whatever keeps logs from the bucket (the role, the bucket, its key), what waits grows older than the
# buffer lets it. CloudWatch still has all of it meanwhile.
resource "aws_cloudwatch_metric_alarm" "stale" {
  alarm_name        = "${var.name}-stale"
  alarm_description = "Logs wait for longer than ${local.stale_seconds / 60} minutes to be written to ${var.names.bucket}: ${local.stream_group} says why. Firehose gives up after 24 hours."

  namespace   = "AWS/Firehose"
  metric_name = "DeliveryToS3.DataFreshness"
  dimensions  = { DeliveryStreamName = var.name }

  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = local.stale_seconds
  treat_missing_data  = "notBreaching" # a quiet stack logs nothing

  alarm_actions = var.alarm_actions
  ok_actions    = var.alarm_actions

  tags = var.tags
}

locals {
  stale_seconds = var.buffering.seconds + 900
}
