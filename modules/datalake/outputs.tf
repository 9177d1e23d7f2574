output "bucket" {
  description = "Name of the lake's bucket."
  value       = aws_s3_bucket.this["lake"].id
}

output "bucket_arn" {
  description = "ARN of the lake's bucket."
  value       = aws_s3_bucket.this["lake"].arn
}

output "results_bucket" {
  description = "Name of the bucket of query results."
  value       = aws_s3_bucket.this["results"].id
}

output "database" {
  description = "Name of the Glue database."
  value       = aws_glue_catalog_database.this.name
}

output "views" {
  description = "By name of view, what writing it anew takes: its Glue TableInput without text and parameters (table_input), and what stands in the text besides the query (presto)."
  value = { for name, view in var.views : name => {
    presto = local.presto[name]
    table_input = {
      Name             = name
      Description      = view.description
      TableType        = "VIRTUAL_VIEW"
      ViewExpandedText = "/* Presto View */"
      StorageDescriptor = {
        Columns   = [for column in view.columns : { Name = column.name, Type = column.type }]
        SerdeInfo = { Name = "-" }
      }
    }
  } }
}

output "compacted_storage" {
  description = "By name of compacted table, the Glue StorageDescriptor of its partitions, without the location."
  value = { for name, table in var.compacted_tables : name => {
    Columns      = [for column in table.columns : { Name = column.name, Type = column.type }]
    InputFormat  = local.parquet.input_format
    OutputFormat = local.parquet.output_format
    SerdeInfo    = { SerializationLibrary = local.parquet.serialization_library }
  } }
}

output "crawler" {
  description = "Name of the crawler."
  value       = aws_glue_crawler.this.name
}

output "workgroup" {
  description = "Name of the Athena workgroup."
  value       = aws_athena_workgroup.this.name
}

output "named_queries" {
  description = "ID of each named query, by name."
  value       = { for name, query in aws_athena_named_query.this : name => query.id }
}
