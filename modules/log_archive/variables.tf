variable "name" {
  description = "Name of the delivery stream and of the subscriptions, suffix included. The alarms' names begin with it, the stream's own log group is /aws/kinesisfirehose/NAME."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{1,64}$", var.name))
    error_message = "name must be 1 to 64 letters, digits, hyphens, underscores and dots."
  }
}

variable "names" {
  description = "Names, suffix included: the bucket and that of the compliance copy, and the roles that deliver, subscribe and copy."
  type = object({
    bucket            = string
    compliance_bucket = string
    delivery_role     = string
    subscription_role = string
    replication_role  = string
  })
  nullable = false

  validation {
    condition     = alltrue([for name in [var.names.bucket, var.names.compliance_bucket] : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", name))])
    error_message = "Names of buckets must be 3 to 63 lower-case letters, digits, hyphens and dots."
  }
  validation {
    condition     = alltrue([for name in [var.names.delivery_role, var.names.subscription_role, var.names.replication_role] : can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", name))])
    error_message = "Names of roles must be 1 to 64 characters that IAM allows: letters, digits, +=,.@_-."
  }
}

variable "log_groups" {
  description = "Names of the log groups that are archived, by a key of one's own that is known before they are made. CloudWatch allows two subscriptions of a group."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.log_groups) > 0
    error_message = "log_groups must name at least one log group."
  }
}

variable "transition_days" {
  description = "Days after which an archived object goes to Glacier Instant Retrieval. S3 leaves objects below 128 KB where they are: moving them costs more than it saves."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.transition_days >= 0 && var.transition_days <= 3650 && floor(var.transition_days) == var.transition_days
    error_message = "transition_days must be a whole number from 0 to 3650."
  }
}

variable "retention_days" {
  description = "Days after which an archived object is deleted."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 3650 && floor(var.retention_days) == var.retention_days && var.retention_days > var.transition_days
    error_message = "retention_days must be a whole number from 1 to 3650, and more than transition_days."
  }
}

variable "compliance" {
  description = <<-EOT
    A copy of the archive in a bucket with Object Lock in compliance mode.
    - enabled: whether there is one. What was archived before is not copied.
    - retention_days: days for which nobody can delete an object of it (2557: seven years).
    - irrevocable: true says that this is known.
  EOT
  type = object({
    enabled        = optional(bool, false)
    retention_days = optional(number, 2557)
    irrevocable    = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = !var.compliance.enabled || var.compliance.irrevocable
    error_message = "compliance cannot be undone: for retention_days nobody, not the account's root nor AWS, can delete a log line or shorten that time, whatever is in it, every byte is paid for as long, and a destroy of the stack fails at the bucket. Set irrevocable = true if that is meant."
  }
  validation {
    condition     = var.compliance.retention_days >= 1 && var.compliance.retention_days <= 36500 && floor(var.compliance.retention_days) == var.compliance.retention_days
    error_message = "compliance.retention_days must be a whole number from 1 to 36500."
  }
}

variable "buffering" {
  description = "What is written into one object: so many megabytes (1 to 128, before compression) or what came within so many seconds (0 to 900), whichever is first."
  type = object({
    megabytes = optional(number, 64)
    seconds   = optional(number, 900)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(range(1, 129), var.buffering.megabytes) && contains(range(0, 901), var.buffering.seconds)
    error_message = "buffering.megabytes must be a whole number from 1 to 128, buffering.seconds one from 0 to 900."
  }
}

variable "alarm_actions" {
  description = "ARNs, of SNS topics for example, that hear when logs do not reach the archive."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "log_retention_days" {
  description = "Days for which the delivery stream's own log group keeps its events."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "kms_key_arn" {
  description = "Customer-managed KMS key of the buckets, the stream and its log; null: AWS's own keys."
  type        = string
  default     = null
}

variable "force_destroy" {
  description = "Whether a destroy deletes the archive with what is in it; otherwise S3 refuses while there is anything. The compliance copy is never deleted so."
  type        = bool
  default     = false
  nullable    = false
}

variable "require_tls" {
  description = "Whether the buckets refuse requests over plain HTTP. False only where there is nothing else: the embedded cloud."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags of everything made here."
  type        = map(string)
  default     = {}
  nullable    = false
}
