# What an account has once (and each further region), before any stack: the bucket of the stacks' states, the
# role with which API Gateway writes logs, and, if wanted, a key for data and logs (kms.tf), the sender of
# messages and a limit for text messages (mail.tf).

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.name

  state_bucket_name = coalesce(var.state_bucket_name, "${var.project_name}-terraform-state-${local.account}")
  kms_key_arn       = one(aws_kms_key.data[*].arn)
}

# State bucket. Terraform locks with a file beside the state: no lock table.

resource "aws_s3_bucket" "state" {
  #checkov:skip=CKV_AWS_18:reads and writes of state are few, and CloudTrail's data events tell more than access logs. Cost: a log bucket, which would need one of its own.
  #checkov:skip=CKV_AWS_144:versions protect against mistakes. Cost: the storage twice, and a role and a bucket in another region.
  #checkov:skip=CKV_AWS_145:S3's own key encrypts without create_kms_key. Cost: $1 a month for a customer-managed key.
  #checkov:skip=CKV2_AWS_62:nothing listens to changes of state. Cost: a topic and a subscriber for a bucket that few people write.
  bucket = local.state_bucket_name
}

resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  #trivy:ignore:AVD-AWS-0132 S3's own key encrypts without create_kms_key. Cost: $1 a month for a customer-managed key.
  bucket = aws_s3_bucket.state.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.create_kms_key ? "aws:kms" : "AES256"
      kms_master_key_id = local.kms_key_arn
    }
    bucket_key_enabled = var.create_kms_key # one request to KMS for many objects
  }
}

resource "aws_s3_bucket_ownership_controls" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket = aws_s3_bucket.state.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days           = var.old_state_days
      newer_noncurrent_versions = 10
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  # S3 accepts rules for old versions before there are any, but says so only sometimes.
  depends_on = [aws_s3_bucket_versioning.state]
}

data "aws_iam_policy_document" "state" {
  statement {
    sid       = "RefuseUnencryptedTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.state.arn, "${aws_s3_bucket.state.arn}/*"]

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

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id
  policy = data.aws_iam_policy_document.state.json

  # Two changes of a bucket's access at a time end in a conflict.
  depends_on = [aws_s3_bucket_public_access_block.state]
}

# API Gateway writes access and execution logs of every API of the region with one role.

data "aws_iam_policy_document" "api_gateway_assume" {
  statement {
    sid     = "ApiGatewayWritesLogs"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["apigateway.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "api_gateway_logs" {
  # The actions of AWS's managed policy for this role, which allows them on every log group.
  statement {
    sid = "WriteLogs"
    actions = [
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:DescribeLogStreams",
      "logs:FilterLogEvents",
      "logs:GetLogEvents",
      "logs:PutLogEvents",
    ]
    resources = flatten([
      for group in var.api_gateway_log_groups : [
        "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${group}",
        "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${group}:log-stream:*",
      ]
    ])
  }

  # Which has no resource to name.
  statement {
    sid       = "ListLogGroups"
    actions   = ["logs:DescribeLogGroups"]
    resources = ["*"]
  }
}

resource "aws_iam_role" "api_gateway_logs" {
  # Roles are the account's, this one a region's.
  name               = "${var.project_name}-api-gateway-logs-${local.region}"
  description        = "API Gateway writes the logs of this region's APIs."
  assume_role_policy = data.aws_iam_policy_document.api_gateway_assume.json
}

resource "aws_iam_role_policy" "api_gateway_logs" {
  name   = "write-logs"
  role   = aws_iam_role.api_gateway_logs.id
  policy = data.aws_iam_policy_document.api_gateway_logs.json
}

resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = aws_iam_role.api_gateway_logs.arn

  # API Gateway tries the role's permissions before it takes it.
  depends_on = [aws_iam_role_policy.api_gateway_logs]
}
