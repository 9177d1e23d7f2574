output "name" {
  description = "Name of the table."
  value       = aws_dynamodb_table.this.name
}

output "arn" {
  description = "ARN of the table."
  value       = aws_dynamodb_table.this.arn
}

output "stream_arn" {
  description = "ARN of the stream; null when there is none."
  value       = var.stream == null ? null : aws_dynamodb_table.this.stream_arn
}

output "index_arns" {
  description = "ARN of each index, by name: for permissions that name an index and not the table."
  value       = { for name in keys(var.indexes) : name => "${aws_dynamodb_table.this.arn}/index/${name}" }
}

output "hash_key" {
  description = "Name of the partition key."
  value       = aws_dynamodb_table.this.hash_key
}

output "range_key" {
  description = "Name of the sort key; null when there is none."
  value       = try(var.range_key.name, null)
}
