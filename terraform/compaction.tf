# Compaction: every night the days of the lake that are over become Parquet. The steps are in
# workflows/feedback_compaction/definition.asl.yaml.tftpl, why they keep every row visible exactly
# once in docs/data-lake.md.

locals {
  compaction_name = "feedback-compaction-${local.suffix}"

  feedback_tables = {
    raw       = "feedback_raw"
    compacted = "feedback_compacted"
    runs      = "feedback_runs"
    # What people ask. The embedded cloud has no views: there `feedback` is a table over the raw
    # rows (datalake.tf), and the view lies beside it for the workflow to be tried on.
    view = var.emulator_endpoint == null ? "feedback" : "feedback_view"
  }
  feedback_first_year = 2024

  feedback_prefixes = {
    raw       = "feedback/"
    compacted = "compacted/feedback/"
  }
  # By names that are known beforehand: AWS checks a definition at plan time, if it is all there.
  feedback_location = "s3://${local.datalake_bucket}/${local.feedback_prefixes.compacted}"

  feedback_view_columns = concat(
    [for column in local.feedback_columns : { name = column.name, type = column.type }],
    [for name in ["year", "month", "day"] : { name = name, type = "int" }],
  )

  compaction_sql = { for name in ["compare", "write", "verify", "view"] :
    name => trimspace(templatefile("${path.module}/workflows/feedback_compaction/${name}.sql", merge(
      { for role, name in local.feedback_tables : role => name },
      {
        columns   = join(", ", local.feedback_columns[*].name)
        contents  = join(", ", [for column in local.feedback_columns : column.type == "string" ? "sum(length(CAST(${column.name} AS varchar)))" : "count(${column.name})"])
        location  = local.feedback_location
        most_days = var.datalake.compaction.most_days_per_run
      },
    )))
  }

  # Before the first day: everything is read raw until the workflow has run.
  feedback_first_cut_off = "${local.feedback_first_year}-01-01"

  # The view's text with another cut-off, in JSONata.
  rendered_view = join(" ", [
    "'/* Presto View: ' & $base64encode($string($merge([$presto, {'originalSql': $sql.view",
    "~> $replace('{cut_off_number}', $replace(CUT_OFF, '-', '')) ~> $replace('{cut_off_year}', $substring(CUT_OFF, 0, 4))}]))) & ' */'",
  ])

  compaction_definition = yamldecode(templatefile("${path.module}/workflows/feedback_compaction/definition.asl.yaml.tftpl", {
    partition = data.aws_partition.current.partition
    database  = module.datalake.database
    workgroup = module.datalake.workgroup
    bucket    = local.datalake_bucket
    location  = local.feedback_location

    view_name      = local.feedback_tables.view
    compacted_name = local.feedback_tables.compacted
    raw_prefix     = local.feedback_prefixes.raw

    compare = jsonencode(local.compaction_sql.compare)
    write   = jsonencode(local.compaction_sql.write)
    verify  = jsonencode(local.compaction_sql.verify)
    view    = jsonencode(local.compaction_sql.view)

    table     = jsonencode(module.datalake.views[local.feedback_tables.view].table_input)
    presto    = jsonencode(module.datalake.views[local.feedback_tables.view].presto)
    storage   = jsonencode(module.datalake.compacted_storage[local.feedback_tables.compacted])
    text_now  = replace(local.rendered_view, "CUT_OFF", "$cut_off")
    text_next = replace(local.rendered_view, "CUT_OFF", "$next_cut_off")

    # A day's items may be analysed anew until reanalysis.days after its end, and that must be seen.
    days                  = max(var.datalake.compaction.days, var.sentiment.reanalysis.days + 1)
    most_days             = var.datalake.compaction.most_days_per_run
    attempts              = 3
    keep_superseded_hours = 24 # no query runs longer: Athena ends them after 30 minutes, 4 hours at most
  }))

  lake_arns = {
    catalog  = "arn:${data.aws_partition.current.partition}:glue:${var.aws_region}:${local.account}:catalog"
    database = "arn:${data.aws_partition.current.partition}:glue:${var.aws_region}:${local.account}:database/${module.datalake.database}"
    # Athena looks there before it runs anything.
    default = "arn:${data.aws_partition.current.partition}:glue:${var.aws_region}:${local.account}:database/default"
    tables = { for role, name in local.feedback_tables : role =>
      "arn:${data.aws_partition.current.partition}:glue:${var.aws_region}:${local.account}:table/${module.datalake.database}/${name}"
    }
    workgroup = "arn:${data.aws_partition.current.partition}:athena:${var.aws_region}:${local.account}:workgroup/${module.datalake.workgroup}"
    catalogue = "arn:${data.aws_partition.current.partition}:athena:${var.aws_region}:${local.account}:datacatalog/AwsDataCatalog"
    results   = "arn:${data.aws_partition.current.partition}:s3:::${module.datalake.results_bucket}"
  }
}

module "feedback_compaction" {
  source = "../modules/workflow"

  name               = local.compaction_name
  role_name          = "states-feedback-compaction-role-${local.suffix}"
  schedule_role_name = "scheduler-feedback-compaction-role-${local.suffix}"
  definition         = jsonencode(local.compaction_definition)

  # Athena and Glue act in the machine's name: what a query reads and writes, the role must be
  # allowed to.
  permissions = {
    AskAthena = {
      actions   = ["athena:GetQueryExecution", "athena:GetQueryResults", "athena:StartQueryExecution"]
      resources = [local.lake_arns.workgroup]
    }
    NameCatalogue = {
      actions   = ["athena:GetDataCatalog"]
      resources = [local.lake_arns.catalogue]
    }
    ReadCatalogue = {
      actions = ["glue:BatchGetPartition", "glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable"]
      resources = concat(
        [local.lake_arns.catalog, local.lake_arns.database, local.lake_arns.default],
        values(local.lake_arns.tables),
      )
    }
    RegisterDays = {
      actions   = ["glue:BatchUpdatePartition", "glue:CreatePartition"]
      resources = [local.lake_arns.catalog, local.lake_arns.database, local.lake_arns.tables.compacted]
    }
    MoveCutOff = {
      actions   = ["glue:UpdateTable"]
      resources = [local.lake_arns.catalog, local.lake_arns.database, local.lake_arns.tables.view]
    }
    FindFiles = {
      actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
      resources = [module.datalake.bucket_arn, local.lake_arns.results]
    }
    ReadRows = {
      actions   = ["s3:GetObject"]
      resources = ["${module.datalake.bucket_arn}/${local.feedback_prefixes.raw}*"]
    }
    WriteParquet = {
      actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
      resources = ["${module.datalake.bucket_arn}/${local.feedback_prefixes.compacted}*"]
    }
    KeepResults = {
      actions   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
      resources = ["${local.lake_arns.results}/results/*"]
    }
    # Whether the execution that claimed the view still runs.
    AskOtherExecutions = {
      actions   = ["states:DescribeExecution"]
      resources = ["arn:${data.aws_partition.current.partition}:states:${var.aws_region}:${local.account}:execution:${local.compaction_name}:*"]
    }
  }
  key_services = ["s3"]

  schedule = {
    expression = var.datalake.compaction.schedule
    # The embedded cloud's Athena cannot write (UNLOAD).
    enabled = var.datalake.compaction.enabled && var.emulator_endpoint == null
  }

  alarm_actions      = [local.topic_arns.critical]
  log_retention_days = var.log_retention_days
  kms_key_arn        = var.kms_key_arn
  tracing            = var.emulator_endpoint == null # the embedded cloud does not tell whether it is on
  require_tls        = var.emulator_endpoint == null
  tags               = local.tags
}
