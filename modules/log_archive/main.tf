# The archive's buckets: what is delivered (archive), and, on request, a copy that nobody can delete
# (compliance). What delivers is in delivery.tf, what subscribes to the log groups in subscriptions.tf, the
# copying in compliance.tf.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  buckets = merge(
    { archive = var.names.bucket },
    var.compliance.enabled ? { compliance = var.names.compliance_bucket } : {},
  )
  bucket_arns = { for key, name in local.buckets : key => "arn:${data.aws_partition.current.partition}:s3:::${name}" }

  prefix       = "logs/"
  error_prefix = "failed/"
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:server access logs would need a third bucket; CloudTrail's data events name the caller better. Cost: $0.10 per 100,000 events where they are switched on.
  #checkov:skip=CKV_AWS_144:CloudWatch holds the first 30 days besides, and S3 keeps every object in three zones. Cost: $0.046 per GB and month for a copy in another region and the transfer.
  #checkov:skip=CKV_AWS_145:kms_key_arn decides; without it S3's own keys encrypt. Cost: $1 a month for a customer-managed key and $0.03 per 10,000 requests.
  #checkov:skip=CKV2_AWS_62:nothing waits for new objects: people read them when they need to. Cost: none but a consumer that has nothing to do.
  for_each = local.buckets

  bucket = each.value
  # What is locked nobody can delete, whatever this says.
  force_destroy       = each.key == "archive" && var.force_destroy
  object_lock_enabled = each.key == "compliance"

  tags = var.tags
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  #trivy:ignore:AVD-AWS-0132 S3's own key encrypts without kms_key_arn. Cost: $1 a month for a customer-managed key and $0.03 per 10,000 requests.
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id
  rule {
    # With a KMS key, one data key for many objects instead of a call for each.
    bucket_key_enabled = var.kms_key_arn != null
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.buckets

  bucket                  = aws_s3_bucket.this[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id
  rule {
    object_ownership = "BucketOwnerEnforced" # no ACLs at all
  }
}

data "aws_iam_policy_document" "bucket" {
  for_each = local.bucket_arns

  statement {
    sid       = "RefuseUnencryptedTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value, "${each.value}/*"]

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

resource "aws_s3_bucket_policy" "this" {
  for_each = var.require_tls ? local.buckets : {}

  bucket = aws_s3_bucket.this[each.key].id
  policy = data.aws_iam_policy_document.bucket[each.key].json

  # S3 refuses two changes of a bucket's access at the same time.
  depends_on = [aws_s3_bucket_public_access_block.this]
}

locals {
  # Days after which an object is read rarely, after which it goes, and after which its old versions do.
  lifecycle = {
    archive    = { transition = var.transition_days, days = var.retention_days, noncurrent_days = 7 }
    compliance = { transition = 0, days = var.compliance.retention_days, noncurrent_days = 1 }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    id     = "archive"
    status = "Enabled"
    filter {}

    # Read in milliseconds like any object, at a sixth of the price, and billed for 90 days at least.
    transition {
      days          = local.lifecycle[each.key].transition
      storage_class = "GLACIER_IR"
    }
    expiration {
      days = local.lifecycle[each.key].days
    }
    noncurrent_version_expiration {
      noncurrent_days = local.lifecycle[each.key].noncurrent_days
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
