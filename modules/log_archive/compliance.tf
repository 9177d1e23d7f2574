# The copy that nobody can delete: S3 copies every object of the archive into a bucket with Object Lock in
# compliance mode. Neither the account's root nor AWS can shorten that; the bucket stays until the last
# object's time is over.

resource "aws_s3_bucket_object_lock_configuration" "compliance" {
  count = var.compliance.enabled ? 1 : 0

  bucket = aws_s3_bucket.this["compliance"].id
  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = var.compliance.retention_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

data "aws_iam_policy_document" "replication_assume" {
  statement {
    sid     = "S3Copies"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.bucket_arns["archive"]]
    }
  }
}

resource "aws_iam_role" "replication" {
  count = var.compliance.enabled ? 1 : 0

  name               = var.names.replication_role
  description        = "Copies ${var.names.bucket} into ${var.names.compliance_bucket}."
  assume_role_policy = data.aws_iam_policy_document.replication_assume.json

  tags = var.tags
}

data "aws_iam_policy_document" "replication" {
  count = var.compliance.enabled ? 1 : 0

  statement {
    sid       = "ReadSettings"
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [local.bucket_arns["archive"]]
  }
  statement {
    sid       = "ReadArchive"
    actions   = ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"]
    resources = ["${local.bucket_arns["archive"]}/${local.prefix}*"]
  }
  # Not ReplicateDelete: what is deleted in the archive stays here.
  statement {
    sid       = "WriteCopies"
    actions   = ["s3:ReplicateObject", "s3:ReplicateTags"]
    resources = ["${local.bucket_arns["compliance"]}/${local.prefix}*"]
  }
  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : ["UseKeyThroughS3"]
    content {
      sid       = statement.value
      actions   = ["kms:Decrypt", "kms:Encrypt"]
      resources = [var.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${data.aws_region.current.name}.${data.aws_partition.current.dns_suffix}"]
      }
    }
  }
}

resource "aws_iam_role_policy" "replication" {
  count = var.compliance.enabled ? 1 : 0

  name   = "replication"
  role   = aws_iam_role.replication[0].id
  policy = data.aws_iam_policy_document.replication[0].json
}

resource "aws_s3_bucket_replication_configuration" "compliance" {
  count = var.compliance.enabled ? 1 : 0

  bucket = aws_s3_bucket.this["archive"].id
  role   = aws_iam_role.replication[0].arn

  rule {
    id     = "compliance"
    status = "Enabled"
    filter {
      prefix = local.prefix
    }
    delete_marker_replication {
      status = "Disabled"
    }

    dynamic "source_selection_criteria" {
      for_each = var.kms_key_arn == null ? [] : [true]
      content {
        sse_kms_encrypted_objects {
          status = "Enabled"
        }
      }
    }

    destination {
      bucket = local.bucket_arns["compliance"]

      dynamic "encryption_configuration" {
        for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]
        content {
          replica_kms_key_id = encryption_configuration.value
        }
      }
    }
  }

  # Both sides need versions, the other one its lock, before the first object comes.
  depends_on = [
    aws_iam_role_policy.replication, aws_s3_bucket_object_lock_configuration.compliance,
    aws_s3_bucket_versioning.this,
  ]
}
