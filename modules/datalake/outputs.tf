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
