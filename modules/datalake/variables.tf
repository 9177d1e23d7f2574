variable "names" {
  description = "Names, suffix included: the two buckets (bucket, results_bucket), the Glue database (letters, digits and underscores), the Athena workgroup, and the crawler with its role."
  type = object({
    bucket         = string
    results_bucket = string
    database       = string
    workgroup      = string
    crawler        = string
    crawler_role   = string
  })
  nullable = false

  validation {
    condition     = alltrue([for name in [var.names.bucket, var.names.results_bucket] : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", name))])
    error_message = "names.bucket and names.results_bucket must be 3 to 63 lower-case letters, digits and hyphens, with no hyphen first or last."
  }
  validation {
    condition     = can(regex("^[a-z0-9_]{1,255}$", var.names.database))
    error_message = "names.database must be lower-case letters, digits and underscores: SQL would have to quote anything else."
  }
  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,128}$", var.names.workgroup))
    error_message = "names.workgroup must be 1 to 128 letters, digits, dots, underscores and hyphens."
  }
}

variable "tables" {
  description = <<-EOT
    Tables by name.
    - description: what a row is.
    - prefix: folder of the bucket, with a slash at the end; below it year=YYYY/month=MM/day=DD/.
    - columns: in order; types are Hive's.
    - first_year: the first year that partitions are looked for in. A new day needs no crawler and no ALTER TABLE.
  EOT
  type = map(object({
    description = string
    prefix      = string
    columns     = list(object({ name = string, type = string, comment = string }))
    first_year  = optional(number, 2024)
  }))
  nullable = false

  validation {
    condition     = alltrue([for table in values(var.tables) : can(regex("^([a-z0-9_-]+/)+$", table.prefix))])
    error_message = "A table's prefix must be a folder such as feedback/, lower case, with a slash at the end and none in front."
  }
  validation {
    condition     = alltrue([for name, table in var.tables : can(regex("^[a-z][a-z0-9_]*$", name)) && alltrue([for column in table.columns : can(regex("^[a-z][a-z0-9_]*$", column.name))])])
    error_message = "Names of tables and columns must be lower-case letters, digits and underscores, a letter first."
  }
}

variable "compacted_tables" {
  description = <<-EOT
    Tables of Parquet files (ZSTD), by name. Unlike those of `tables` their days are registered, not computed.
    - description: what a row is.
    - prefix: folder of the bucket, with a slash at the end; below it year=YYYY/month=MM/day=DD/run=RUN/, a folder for every run that wrote the day.
    - columns: in order; types are Hive's.
    - runs_table: name of a second table, of the same files by run, registered or not.
    - first_year: the first year that a run is looked for in.
  EOT
  type = map(object({
    description = string
    prefix      = string
    columns     = list(object({ name = string, type = string, comment = string }))
    runs_table  = string
    first_year  = optional(number, 2024)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for table in values(var.compacted_tables) : can(regex("^([a-z0-9_-]+/)+$", table.prefix))])
    error_message = "A compacted table's prefix must be a folder such as compacted/feedback/, lower case, with a slash at the end and none in front."
  }
  validation {
    condition     = alltrue([for table in values(var.compacted_tables) : alltrue([for other in values(var.tables) : !startswith(table.prefix, other.prefix) && !startswith(other.prefix, table.prefix)])])
    error_message = "A compacted table's prefix must lie outside every other table's, or rows would be read twice and the crawler would mix their formats."
  }
  validation {
    condition     = alltrue(flatten([for name, table in var.compacted_tables : [for word in concat([name, table.runs_table], table.columns[*].name) : can(regex("^[a-z][a-z0-9_]*$", word))]]))
    error_message = "Names of compacted tables, their runs_table and columns must be lower-case letters, digits and underscores, a letter first."
  }
}

variable "views" {
  description = <<-EOT
    Views by name. Terraform makes them and never changes them again: whoever moves one writes the whole table (output views).
    - description: what a row is.
    - columns: as the query gives them, in order; types are Hive's.
    - sql: the query, in the words of Athena's engine, of plain ASCII.
    - parameters: of the Glue table, for whoever moves the view.
  EOT
  type = map(object({
    description = string
    columns     = list(object({ name = string, type = string }))
    sql         = string
    parameters  = optional(map(string), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.views) : can(regex("^[a-z][a-z0-9_]*$", name)) && !contains(concat(keys(var.tables), keys(var.compacted_tables)), name)])
    error_message = "Names of views must be lower-case letters, digits and underscores, a letter first, and no table's."
  }
  validation {
    condition     = alltrue(flatten([for view in values(var.views) : [for column in view.columns : contains(["boolean", "int", "bigint", "double", "string", "date", "timestamp"], column.type)]]))
    error_message = "A view's columns must be of type boolean, int, bigint, double, string, date or timestamp."
  }
  validation {
    condition     = alltrue([for view in values(var.views) : can(regex("^[\\t\\n -~]+$", view.sql))])
    error_message = "A view's sql must be plain ASCII: Step Functions cannot encode anything else."
  }
}

variable "named_queries" {
  description = "Queries kept in the workgroup, by name: what each answers (description) and its text (sql)."
  type = map(object({
    description = string
    sql         = string
  }))
  default  = {}
  nullable = false
}

variable "query_suffix" {
  description = "Ends the names of the queries, after a hyphen: names of queries are not unique in AWS, and a person must see whose they are."
  type        = string
  nullable    = false
}

variable "query_result_retention_days" {
  description = "Days for which query results are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.query_result_retention_days >= 1
    error_message = "query_result_retention_days must be at least 1."
  }
}

variable "bytes_scanned_cutoff_per_query" {
  description = "Athena cancels a query that reads more bytes than this: $5 buys 1 TB. At least 10,000,000."
  type        = number
  default     = 100000000000
  nullable    = false

  validation {
    condition     = var.bytes_scanned_cutoff_per_query >= 10000000
    error_message = "bytes_scanned_cutoff_per_query must be at least 10000000 (10 MB), the least that Athena takes."
  }
}

variable "noncurrent_version_days" {
  description = "Days for which an overwritten or deleted object of the lake can be brought back."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.noncurrent_version_days >= 1
    error_message = "noncurrent_version_days must be at least 1."
  }
}

variable "force_destroy" {
  description = "Whether a destroy deletes the buckets with what is in them; otherwise S3 refuses while there is anything."
  type        = bool
  default     = false
  nullable    = false
}

variable "require_tls" {
  description = "Whether the buckets refuse plain HTTP. Off only where there is no TLS (an embedded cloud)."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "Customer-managed KMS key for the buckets; null: S3's own keys (SSE-S3), at no cost."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything in the module."
  type        = map(string)
  default     = {}
  nullable    = false
}
