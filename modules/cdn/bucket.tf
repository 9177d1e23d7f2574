# The bucket that holds the site, and who may read it: the distribution.

locals {
  bucket_arn = "arn:${data.aws_partition.current.partition}:s3:::${var.names.bucket}"
}

resource "aws_s3_bucket" "site" {
  #checkov:skip=CKV_AWS_18:everybody may read what is in it, through CloudFront, whose log has the reads. Cost: a third bucket.
  #checkov:skip=CKV_AWS_144:it holds a build, which is made again within a minute. Cost: $0.046 per GB and month for a copy in another region and the transfer.
  #checkov:skip=CKV_AWS_145:everybody may read what is in it; S3's own keys encrypt. Cost: $1 a month for a customer-managed key, with a statement for CloudFront.
  #checkov:skip=CKV2_AWS_62:nothing waits for new objects. Cost: none but a consumer that has nothing to do.
  bucket        = var.names.bucket
  force_destroy = var.force_destroy

  tags = var.tags
}

resource "aws_s3_bucket_versioning" "site" {
  bucket = aws_s3_bucket.site.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "site" {
  #trivy:ignore:AVD-AWS-0132 everybody may read what is in it; S3's own key encrypts. Cost: $1 a month for a customer-managed key, with a statement for CloudFront.
  bucket = aws_s3_bucket.site.id
  rule {
    bucket_key_enabled = false # a KMS key's, which this is not
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "site" {
  bucket                  = aws_s3_bucket.site.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "site" {
  bucket = aws_s3_bucket.site.id
  rule {
    object_ownership = "BucketOwnerEnforced" # no ACLs at all
  }
}

data "aws_iam_policy_document" "site" {
  statement {
    sid       = "DistributionReads"
    actions   = ["s3:GetObject"]
    resources = ["${local.bucket_arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "AWS:SourceArn"
      values   = [aws_cloudfront_distribution.this.arn]
    }
  }

  # Without it S3 answers 403 for what is not there. No list is ever asked for: every path that names no object
  # is made one by functions/pages.js, and the query, which makes a list of a request, is not passed on.
  statement {
    sid       = "DistributionHearsWhatIsMissing"
    actions   = ["s3:ListBucket"]
    resources = [local.bucket_arn]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "AWS:SourceArn"
      values   = [aws_cloudfront_distribution.this.arn]
    }
  }

  dynamic "statement" {
    for_each = var.require_tls ? ["RefuseUnencryptedTransport"] : []
    content {
      sid       = statement.value
      effect    = "Deny"
      actions   = ["s3:*"]
      resources = [local.bucket_arn, "${local.bucket_arn}/*"]

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

resource "aws_s3_bucket_policy" "site" {
  bucket = aws_s3_bucket.site.id
  policy = data.aws_iam_policy_document.site.json

  # S3 refuses two changes of a bucket's access at the same time.
  depends_on = [aws_s3_bucket_public_access_block.site]
}

resource "aws_s3_bucket_lifecycle_configuration" "site" {
  bucket = aws_s3_bucket.site.id

  # Files of earlier builds, which the publisher tags: tabs that are still open ask for them.
  rule {
    id     = "retired"
    status = "Enabled"
    filter {
      tag {
        key   = "retired"
        value = "true"
      }
    }
    expiration {
      days = var.retired_days
    }
  }

  rule {
    id     = "forget-old-versions"
    status = "Enabled"
    filter {}

    expiration {
      expired_object_delete_marker = true
    }
    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_version_days
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.site]
}

# What one build has to be told where it runs. Terraform writes it, and the publisher leaves it alone.
resource "aws_s3_object" "settings" {
  bucket        = aws_s3_bucket.site.id
  key           = "config.json"
  content       = jsonencode(var.settings)
  content_type  = "application/json"
  cache_control = "no-store"

  tags = var.tags

  depends_on = [aws_s3_bucket_versioning.site, aws_s3_bucket_server_side_encryption_configuration.site]
}
