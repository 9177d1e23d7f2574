# Looks once a day whether what lies in the lake still is what the tables say: it keeps tables of
# its own (crawled_…), because a crawler that updates a table writes over its columns and its
# partition projection.

locals {
  glue_arn = join(":", [
    "arn", data.aws_partition.current.partition, "glue", data.aws_region.current.name,
    data.aws_caller_identity.current.account_id,
  ])
  crawlers_log_group = join(":", [
    "arn", data.aws_partition.current.partition, "logs", data.aws_region.current.name,
    data.aws_caller_identity.current.account_id, "log-group", "/aws-glue/crawlers",
  ])
  crawled = "crawled_"
  # JSON only. Parquet has its types in the files, and a folder for every run: the crawler would
  # make partitions of runs that are not registered.
  crawled_prefixes = toset([for table in values(var.tables) : table.prefix])
}

data "aws_iam_policy_document" "crawler_assume" {
  statement {
    sid     = "GlueCrawls"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["glue.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "crawler" {
  name               = var.names.crawler_role
  description        = "Role of the crawler ${var.names.crawler}."
  assume_role_policy = data.aws_iam_policy_document.crawler_assume.json

  tags = var.tags
}

data "aws_iam_policy_document" "crawler" {
  statement {
    sid       = "ListLake"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket"]
    resources = [local.bucket_arns["lake"]]
  }

  statement {
    sid       = "ReadLake"
    actions   = ["s3:GetObject"]
    resources = [for prefix in local.crawled_prefixes : "${local.bucket_arns["lake"]}/${prefix}*"]
  }

  statement {
    sid = "KeepCrawledTables"
    actions = [
      "glue:BatchCreatePartition", "glue:BatchGetPartition", "glue:BatchUpdatePartition",
      "glue:CreateTable", "glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions",
      "glue:GetTable", "glue:GetTables", "glue:UpdatePartition", "glue:UpdateTable",
    ]
    resources = [
      "${local.glue_arn}:catalog",
      "${local.glue_arn}:database/${var.names.database}",
      "${local.glue_arn}:table/${var.names.database}/${local.crawled}*",
    ]
  }

  # Glue decides on the names: one group, which all crawlers of the account share and the first
  # one makes, and a stream with the crawler's name. IAM asks for a new group as for its streams.
  statement {
    sid       = "MakeLogGroup"
    actions   = ["logs:CreateLogGroup"]
    resources = [local.crawlers_log_group, "${local.crawlers_log_group}:log-stream:"]
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.crawlers_log_group}:log-stream:${var.names.crawler}"]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : ["DecryptThroughS3"]
    content {
      sid       = statement.value
      actions   = ["kms:Decrypt"]
      resources = [var.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${data.aws_region.current.name}.${data.aws_partition.current.dns_suffix}"]
      }
    }
  }
}

resource "aws_iam_role_policy" "crawler" {
  name   = "crawl"
  role   = aws_iam_role.crawler.id
  policy = data.aws_iam_policy_document.crawler.json
}

resource "aws_glue_crawler" "this" {
  #checkov:skip=CKV_AWS_195:a security configuration would encrypt the crawler's logs and bookmarks, which name folders and columns, no content. Cost: $1 a month for its KMS key.
  name          = var.names.crawler
  description   = "Compares the lake's folders with its tables, daily at midnight UTC."
  role          = aws_iam_role.crawler.arn
  database_name = aws_glue_catalog_database.this.name
  table_prefix  = local.crawled
  schedule      = "cron(0 0 * * ? *)"

  dynamic "s3_target" {
    for_each = local.crawled_prefixes
    content {
      path = "s3://${aws_s3_bucket.this["lake"].id}/${s3_target.value}"
    }
  }

  # AWS's defaults, said aloud.
  recrawl_policy {
    recrawl_behavior = "CRAWL_EVERYTHING"
  }
  lineage_configuration {
    crawler_lineage_settings = "DISABLE"
  }

  schema_change_policy {
    update_behavior = "UPDATE_IN_DATABASE"
    delete_behavior = "LOG"
  }

  tags = var.tags

  depends_on = [aws_iam_role_policy.crawler]
}
