# Who asks questions does so in this workgroup, with its limits and its encryption.

resource "aws_athena_workgroup" "this" {
  #trivy:ignore:AVD-AWS-0006 encryption_option stands below; trivy 0.59 reads it in the sources and misses it in a plan. Cost: none.
  name          = var.names.workgroup
  description   = "Queries of the data lake ${var.names.bucket}."
  force_destroy = true # with its queries and their history; the results are the bucket's

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = var.bytes_scanned_cutoff_per_query

    engine_version {
      selected_engine_version = "Athena engine version 3"
    }

    result_configuration {
      output_location = "s3://${aws_s3_bucket.this["results"].id}/results/"

      encryption_configuration {
        encryption_option = var.kms_key_arn == null ? "SSE_S3" : "SSE_KMS"
        kms_key_arn       = var.kms_key_arn
      }
    }
  }

  tags = var.tags
}

resource "aws_athena_named_query" "this" {
  for_each = var.named_queries

  name        = "${each.key}-${var.query_suffix}"
  description = each.value.description
  workgroup   = aws_athena_workgroup.this.id
  database    = aws_glue_catalog_database.this.name
  query       = each.value.sql
}
