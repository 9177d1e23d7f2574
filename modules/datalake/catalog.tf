# What lies in the lake, as tables.

locals {
  days = ["year", "month", "day"] # the folders below every table's prefix, and its partition keys

  # A day's folders are computed, not stored.
  day_projection = { for name, table in merge(var.tables, var.compacted_tables) : name => {
    "projection.enabled"      = "true"
    "projection.year.type"    = "integer"
    "projection.year.range"   = "${table.first_year},2099"
    "projection.month.type"   = "integer"
    "projection.month.range"  = "1,12"
    "projection.month.digits" = "2"
    "projection.day.type"     = "integer"
    "projection.day.range"    = "1,31"
    "projection.day.digits"   = "2"
  } }
  day_folder = "year=$${year}/month=$${month}/day=$${day}/"

  parquet = {
    input_format          = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format         = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
    serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
  }

  # How Athena's engine (Trino) calls what Glue (Hive) calls otherwise.
  trino_types = {
    boolean   = "boolean"
    int       = "integer"
    bigint    = "bigint"
    double    = "double"
    string    = "varchar"
    date      = "date"
    timestamp = "timestamp(3)"
  }
}

resource "aws_glue_catalog_database" "this" {
  name        = var.names.database
  description = "The tables of the data lake ${var.names.bucket}."

  tags = var.tags
}

# Partitions are computed, not stored: a new day can be queried as soon as it has an object, and
# a query that names its days lists those folders and no others.
resource "aws_glue_catalog_table" "this" {
  for_each = var.tables

  name          = each.key
  database_name = aws_glue_catalog_database.this.name
  description   = each.value.description
  table_type    = "EXTERNAL_TABLE"

  parameters = merge(local.day_projection[each.key], {
    EXTERNAL                    = "TRUE"
    classification              = "json"
    compressionType             = "gzip"
    "storage.location.template" = "s3://${var.names.bucket}/${each.value.prefix}${local.day_folder}"
  })

  dynamic "partition_keys" {
    for_each = local.days
    content {
      name = partition_keys.value
      type = "int"
    }
  }

  storage_descriptor {
    location      = "s3://${aws_s3_bucket.this["lake"].id}/${each.value.prefix}"
    input_format  = "org.apache.hadoop.mapred.TextInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

    ser_de_info {
      serialization_library = "org.openx.data.jsonserde.JsonSerDe"
    }

    dynamic "columns" {
      for_each = each.value.columns
      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}

# Parquet. A day has a row only when somebody registers its partition, with the folder of the run
# that wrote it: what a run wrote and nobody registered does not exist for a query.
resource "aws_glue_catalog_table" "compacted" {
  for_each = var.compacted_tables

  name          = each.key
  database_name = aws_glue_catalog_database.this.name
  description   = each.value.description
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL              = "TRUE"
    classification        = "parquet"
    "parquet.compression" = "ZSTD"
  }

  dynamic "partition_keys" {
    for_each = local.days
    content {
      name = partition_keys.value
      type = "int"
    }
  }

  storage_descriptor {
    location      = "s3://${aws_s3_bucket.this["lake"].id}/${each.value.prefix}"
    input_format  = local.parquet.input_format
    output_format = local.parquet.output_format

    ser_de_info {
      serialization_library = local.parquet.serialization_library
    }

    dynamic "columns" {
      for_each = each.value.columns
      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}

# The same files by run: a query names the run ("injected"), and so reads what one wrote before
# anything else points to it.
resource "aws_glue_catalog_table" "runs" {
  for_each = var.compacted_tables

  name          = each.value.runs_table
  database_name = aws_glue_catalog_database.this.name
  description   = "What each run wrote for ${each.key}, registered or not. A query must say: run = '…'."
  table_type    = "EXTERNAL_TABLE"

  parameters = merge(local.day_projection[each.key], {
    EXTERNAL                    = "TRUE"
    classification              = "parquet"
    "parquet.compression"       = "ZSTD"
    "projection.run.type"       = "injected"
    "storage.location.template" = "s3://${var.names.bucket}/${each.value.prefix}${local.day_folder}run=$${run}/"
  })

  dynamic "partition_keys" {
    for_each = [for name in concat(local.days, ["run"]) : { name = name, type = name == "run" ? "string" : "int" }]
    content {
      name = partition_keys.value.name
      type = partition_keys.value.type
    }
  }

  storage_descriptor {
    location      = "s3://${aws_s3_bucket.this["lake"].id}/${each.value.prefix}"
    input_format  = local.parquet.input_format
    output_format = local.parquet.output_format

    ser_de_info {
      serialization_library = local.parquet.serialization_library
    }

    dynamic "columns" {
      for_each = each.value.columns
      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}
