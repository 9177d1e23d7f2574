# Where access logs and the web ACL's go: a private bucket beside both, in the region that they come from.

locals {
  logs_wanted    = var.logs.enabled || var.waf.enabled
  log_bucket_arn = "arn:${data.aws_partition.current.partition}:s3:::${var.names.log_bucket}"
}

resource "aws_s3_bucket" "logs" {
  #checkov:skip=CKV_AWS_18:a log of reading the log would need a bucket of its own; CloudTrail's data events name the caller better. Cost: $0.10 per 100,000 events where they are switched on.
  #checkov:skip=CKV_AWS_144:a log that is lost loses nothing of the product. Cost: $0.046 per GB and month for a copy in another region and the transfer.
  #checkov:skip=CKV_AWS_145:S3's own keys encrypt: a customer-managed key would have to be in this region too. Cost: $1 a month for it.
  #checkov:skip=CKV2_AWS_62:nothing waits for new objects: people read them when they need to. Cost: none but a consumer that has nothing to do.
  provider = aws.us_east_1
  count    = local.logs_wanted ? 1 : 0

  bucket        = var.names.log_bucket
  force_destroy = var.force_destroy

  tags = var.tags
}

resource "aws_s3_bucket_versioning" "logs" {
  provider = aws.us_east_1
  count    = local.logs_wanted ? 1 : 0

  bucket = aws_s3_bucket.logs[0].id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  #trivy:ignore:AVD-AWS-0132 S3's own key encrypts: a customer-managed key would have to be in this region too. Cost: $1 a month for it.
  provider = aws.us_east_1
  count    = local.logs_wanted ? 1 : 0

  bucket = aws_s3_bucket.logs[0].id
  rule {
    bucket_key_enabled = false # a KMS key's, which this is not
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "logs" {
  provider = aws.us_east_1
  count    = local.logs_wanted ? 1 : 0

  bucket                  = aws_s3_bucket.logs[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  provider = aws.us_east_1
  count    = local.logs_wanted ? 1 : 0

  bucket = aws_s3_bucket.logs[0].id
  rule {
    object_ownership = "BucketOwnerEnforced" # no ACLs at all
  }
}

# What AWS would add by itself at the first delivery, and would leave behind: so it stands here beforehand.
data "aws_iam_policy_document" "logs" {
  statement {
    sid       = "AWSLogDeliveryWrite"
    actions   = ["s3:PutObject"]
    resources = ["${local.log_bucket_arn}/AWSLogs/${local.account}/*"]

    principals {
      type        = "Service"
      identifiers = ["delivery.logs.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "s3:x-amz-acl"
      values   = ["bucket-owner-full-control"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [local.log_sources]
    }
  }

  statement {
    sid       = "AWSLogDeliveryAclCheck"
    actions   = ["s3:GetBucketAcl"]
    resources = [local.log_bucket_arn]

    principals {
      type        = "Service"
      identifiers = ["delivery.logs.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [local.log_sources]
    }
  }

  statement {
    sid       = "RefuseUnencryptedTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [local.log_bucket_arn, "${local.log_bucket_arn}/*"]

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

locals {
  log_sources = "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.us_east_1.name}:${local.account}:*"
}

resource "aws_s3_bucket_policy" "logs" {
  provider = aws.us_east_1
  count    = local.logs_wanted ? 1 : 0

  bucket = aws_s3_bucket.logs[0].id
  policy = data.aws_iam_policy_document.logs.json

  # S3 refuses two changes of a bucket's access at the same time.
  depends_on = [aws_s3_bucket_public_access_block.logs]
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  provider = aws.us_east_1
  count    = local.logs_wanted ? 1 : 0

  bucket = aws_s3_bucket.logs[0].id

  rule {
    id     = "forget"
    status = "Enabled"
    filter {}

    expiration {
      days = var.logs.retention_days
    }
    noncurrent_version_expiration {
      noncurrent_days = 1
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.logs]
}

# Standard logging (v2): CloudFront takes the fields that are asked for, and no others.

resource "aws_cloudwatch_log_delivery_source" "access" {
  provider = aws.us_east_1
  count    = var.logs.enabled ? 1 : 0

  name         = var.name
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.this.arn

  tags = var.tags
}

resource "aws_cloudwatch_log_delivery_destination" "access" {
  provider = aws.us_east_1
  count    = var.logs.enabled ? 1 : 0

  name          = var.name
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = aws_s3_bucket.logs[0].arn
  }

  tags = var.tags

  depends_on = [aws_s3_bucket_policy.logs]
}

# Under AWSLogs/ACCOUNT/CloudFront/. No suffix_path: provider 5.100 loses that prefix when the suffix changes.
resource "aws_cloudwatch_log_delivery" "access" {
  provider = aws.us_east_1
  count    = var.logs.enabled ? 1 : 0

  delivery_source_name     = aws_cloudwatch_log_delivery_source.access[0].name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.access[0].arn
  record_fields            = var.logs.fields

  tags = var.tags
}
