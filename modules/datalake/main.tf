# A data lake: two buckets here, the catalogue in catalog.tf, the query engine in athena.tf, the
# crawler in crawler.tf.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  buckets = {
    lake    = var.names.bucket
    results = var.names.results_bucket
  }
  bucket_arns = { for key, name in local.buckets : key => "arn:${data.aws_partition.current.partition}:s3:::${name}" }
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:server access logs would need a third bucket; CloudTrail's data events name the caller better. Cost: $0.10 per 100,000 events where they are switched on.
  #checkov:skip=CKV_AWS_144:old versions bring back what is overwritten or deleted, and S3 keeps every object in three zones. Cost: $0.046 per GB and month for a copy in another region and the transfer.
  #checkov:skip=CKV_AWS_145:kms_key_arn decides; without it S3's own keys encrypt. Cost: $1 a month for a customer-managed key and $0.03 per 10,000 requests.
  #checkov:skip=CKV2_AWS_62:nothing waits for new objects: a query finds them by itself. Cost: none but a consumer that has nothing to do.
  for_each = local.buckets

  bucket        = each.value
  force_destroy = var.force_destroy

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
  # Days until objects, and until their old versions, are deleted; null: never.
  lifecycle = {
    lake    = { id = "forget-old-versions", days = null, noncurrent_days = var.noncurrent_version_days }
    results = { id = "delete-old-results", days = var.query_result_retention_days, noncurrent_days = 1 } # copies: nothing to bring back
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    id     = local.lifecycle[each.key].id
    status = "Enabled"
    filter {}

    expiration {
      days                         = local.lifecycle[each.key].days
      expired_object_delete_marker = local.lifecycle[each.key].days == null ? true : null
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
