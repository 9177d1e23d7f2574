variable "name" {
  description = "Name of the vault, the plan and its selection, suffix included."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{2,50}$", var.name))
    error_message = "name must be 2 to 50 letters, digits, hyphens and underscores."
  }
}

variable "role_name" {
  description = "Name of the role with which AWS Backup works."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.role_name))
    error_message = "role_name must be 1 to 64 characters that IAM allows: letters, digits, +=,.@_-."
  }
}

variable "table_arns" {
  description = "ARNs of the DynamoDB tables that are backed up. No wildcards: a table that is forgotten here is not backed up, and the role may touch no other."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.table_arns) > 0
    error_message = "table_arns must name at least one table: AWS takes an empty selection for every resource that the account has opted in to back up."
  }
  validation {
    condition     = alltrue([for arn in var.table_arns : can(regex("^arn:[a-z-]+:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9_.-]+$", arn))])
    error_message = "table_arns must be ARNs of DynamoDB tables, without wildcards and without what follows the table's name."
  }
}

variable "rule" {
  description = <<-EOT
    When backups are made and how long they are kept.
    - schedule: cron(…) of AWS Backup, in UTC.
    - start_window_minutes: a backup that has not started so long after it was due is given up (at least 60).
    - completion_window_minutes: and one that has not ended so long after, at least 60 more.
    - retention_days: after these a backup is deleted. It holds personal data like the tables.
    - cold_storage_after_days: days after which a backup goes to cold storage, at a fifth of the price; null: never. Needs DynamoDB's advanced features in AWS Backup.
  EOT
  type = object({
    schedule                  = optional(string, "cron(0 5 ? * SUN *)")
    start_window_minutes      = optional(number, 60)
    completion_window_minutes = optional(number, 720)
    retention_days            = optional(number, 35)
    cold_storage_after_days   = optional(number)
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^cron\\(([^ ]+ ){5}[^ ]+\\)$", var.rule.schedule))
    error_message = "rule.schedule must be cron(…) with six fields, such as cron(0 5 ? * SUN *): AWS Backup knows no rate(…)."
  }
  validation {
    condition     = var.rule.start_window_minutes >= 60 && var.rule.completion_window_minutes >= var.rule.start_window_minutes + 60
    error_message = "rule.start_window_minutes must be at least 60, and completion_window_minutes at least 60 more: AWS refuses the one and has no time for the other."
  }
  validation {
    condition     = var.rule.retention_days >= 1 && var.rule.retention_days <= 36500 && floor(var.rule.retention_days) == var.rule.retention_days
    error_message = "rule.retention_days must be a whole number from 1 to 36500."
  }
  validation {
    condition     = var.rule.cold_storage_after_days == null || try(var.rule.cold_storage_after_days >= 1 && var.rule.retention_days >= var.rule.cold_storage_after_days + 90, false)
    error_message = "rule.retention_days must be at least 90 more than cold_storage_after_days: AWS bills cold storage for 90 days and refuses rules that delete earlier."
  }
}

variable "restored_suffix" {
  description = "Ends the name of a table that a backup is restored to: TABLE-SUFFIX. The role may restore to such tables and no others."
  type        = string
  default     = "restored"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9-]{1,32}$", var.restored_suffix))
    error_message = "restored_suffix must be 1 to 32 lower-case letters, digits and hyphens."
  }
}

variable "lock" {
  description = "Vault lock in governance mode: backups are kept at least and at most so many days, and nobody deletes one before; who may remove the lock still can. Null: no lock."
  type = object({
    min_retention_days = number
    max_retention_days = optional(number)
  })
  default = null

  validation {
    condition     = var.lock == null || try(var.lock.min_retention_days >= 1 && coalesce(var.lock.max_retention_days, 36500) >= var.lock.min_retention_days, false)
    error_message = "lock.min_retention_days must be at least 1, and max_retention_days not below it."
  }
}

variable "notification_topic_arn" {
  description = "SNS topic that hears of every backup and restore that ended, however it ended. Its policy must let backup.amazonaws.com publish for this vault (output arn). Null: nobody hears."
  type        = string
  default     = null

  validation {
    condition     = var.notification_topic_arn == null || can(regex("^arn:[a-z-]+:sns:", var.notification_topic_arn))
    error_message = "notification_topic_arn must be the ARN of an SNS topic."
  }
}

variable "alarm_actions" {
  description = "ARNs, of SNS topics for example, that hear when a backup ends without success."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "kms_key_arn" {
  description = "Customer-managed KMS key of the vault and the tables; null: AWS's own keys."
  type        = string
  default     = null
}

variable "force_destroy" {
  description = "Whether a destroy deletes the backups with the vault; otherwise AWS refuses while there is one."
  type        = bool
  default     = false
  nullable    = false
}

variable "tags" {
  description = "Tags of everything made here, and of the backups."
  type        = map(string)
  default     = {}
  nullable    = false
}
