variable "name" {
  description = "Name of the state machine, suffix included. Its schedule has the same, its log group is /aws/vendedlogs/states/NAME, its queue NAME-schedule-dlq."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name must be 1 to 64 letters, digits, hyphens and underscores: its schedule takes no more."
  }
}

variable "definition" {
  description = "The states, as JSON in the Amazon States Language. AWS checks it at plan time, for which the planner needs states:ValidateStateMachineDefinition."
  type        = string
  nullable    = false

  validation {
    condition     = can(jsondecode(var.definition).States) && can(jsondecode(var.definition).StartAt)
    error_message = "definition must be JSON with StartAt and States."
  }
  validation {
    condition     = can(jsondecode(var.definition).TimeoutSeconds)
    error_message = "definition must have TimeoutSeconds: an execution without it may hang for a year."
  }
}

variable "permissions" {
  description = <<-EOT
    What the machine may do besides writing its own logs and traces, a statement per name (letters and digits).
    - actions: named in full, such as dynamodb:PutItem.
    - resources: ARNs.
    - conditions: all must hold.
  EOT
  type = map(object({
    actions   = list(string)
    resources = list(string)
    conditions = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.permissions) : can(regex("^[A-Za-z0-9]+$", name))])
    error_message = "Names of permissions must be letters and digits only: they are the statements' Sids."
  }
  validation {
    condition     = alltrue(flatten([for permission in values(var.permissions) : [for action in permission.actions : can(regex("^[a-z0-9-]+:[A-Za-z0-9]+$", action))]]))
    error_message = "permissions.actions must be named in full, without wildcards, such as dynamodb:PutItem."
  }
  validation {
    condition     = alltrue([for permission in values(var.permissions) : length(permission.actions) > 0 && length(permission.resources) > 0])
    error_message = "Every permission needs at least one action and one resource."
  }
  validation {
    condition     = alltrue(flatten([for permission in values(var.permissions) : [for resource in permission.resources : can(regex("^arn:[a-z-]+:[a-z0-9-]+:", resource))]]))
    error_message = "permissions.resources must be ARNs that name their service; an action without a resource to name belongs in permissions_without_arn."
  }
}

variable "permissions_without_arn" {
  description = "Actions of services that have no resource to name, such as comprehend:DetectSentiment: allowed on \"*\", each with the reason why no ARN can stand there."
  type = map(object({
    actions = list(string)
    reason  = string
    conditions = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.permissions_without_arn) : can(regex("^[A-Za-z0-9]+$", name)) && !contains(keys(var.permissions), name)])
    error_message = "Names in permissions_without_arn must be letters and digits only, and none that permissions uses: they are the statements' Sids."
  }
  validation {
    condition     = alltrue(flatten([for permission in values(var.permissions_without_arn) : [for action in permission.actions : can(regex("^[a-z0-9-]+:[A-Za-z0-9]+$", action))]]))
    error_message = "permissions_without_arn.actions must be named in full, without wildcards, such as comprehend:DetectSentiment."
  }
  validation {
    condition     = alltrue([for permission in values(var.permissions_without_arn) : length(trimspace(permission.reason)) >= 10])
    error_message = "Every entry of permissions_without_arn must give its reason."
  }
}

variable "role_name" {
  description = "Name of the execution role; null: states-NAME-role."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", coalesce(var.role_name, "states-${var.name}-role")))
    error_message = "The role's name, ${coalesce(var.role_name, "states-${var.name}-role")}, must have 1 to 64 characters that IAM allows (letters, digits, +=,.@_-): shorten name or set role_name."
  }
}

variable "schedule" {
  description = <<-EOT
    What starts the machine by itself; null for nothing.
    - expression: cron(…), rate(…) or at(…), of EventBridge Scheduler.
    - timezone: of the expression, an IANA name.
    - enabled: whether it starts anything.
    - input: JSON that each execution gets.
    - flexible_window_minutes: the start may come that much later (1 to 1440); 0 for at once.
    - maximum_retry_attempts, maximum_event_age_in_seconds: of a start that fails, before it goes to the queue.
  EOT
  type = object({
    expression                   = string
    timezone                     = optional(string, "UTC")
    enabled                      = optional(bool, true)
    input                        = optional(string, "{}")
    flexible_window_minutes      = optional(number, 0)
    maximum_retry_attempts       = optional(number, 10)
    maximum_event_age_in_seconds = optional(number, 3600)
  })
  default = null

  validation {
    condition     = var.schedule == null || can(regex("^(cron|rate|at)\\(.+\\)$", var.schedule.expression))
    error_message = "schedule.expression must be cron(…), rate(…) or at(…)."
  }
  validation {
    condition     = var.schedule == null || can(jsondecode(var.schedule.input))
    error_message = "schedule.input must be JSON."
  }
  validation {
    condition     = var.schedule == null || try(var.schedule.flexible_window_minutes >= 0 && var.schedule.flexible_window_minutes <= 1440 && floor(var.schedule.flexible_window_minutes) == var.schedule.flexible_window_minutes, false)
    error_message = "schedule.flexible_window_minutes must be a whole number from 0 to 1440."
  }
  validation {
    condition     = var.schedule == null || try(contains(range(0, 186), var.schedule.maximum_retry_attempts), false)
    error_message = "schedule.maximum_retry_attempts must be a whole number from 0 to 185."
  }
  validation {
    condition     = var.schedule == null || try(var.schedule.maximum_event_age_in_seconds >= 60 && var.schedule.maximum_event_age_in_seconds <= 86400, false)
    error_message = "schedule.maximum_event_age_in_seconds must be 60 to 86400."
  }
}

variable "schedule_role_name" {
  description = "Name of the role that starts the machine on schedule; null: scheduler-NAME-role."
  type        = string
  default     = null

  validation {
    condition     = var.schedule == null || can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", coalesce(var.schedule_role_name, "scheduler-${var.name}-role")))
    error_message = "The schedule's role name, ${coalesce(var.schedule_role_name, "scheduler-${var.name}-role")}, must have 1 to 64 characters that IAM allows (letters, digits, +=,.@_-): shorten name or set schedule_role_name."
  }
}

variable "alarm_actions" {
  description = "ARNs, of SNS topics for example, that hear when an execution ends without success, and when it is over."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "log_level" {
  description = "What is logged: ERROR, FATAL or ALL. Never inputs or outputs."
  type        = string
  default     = "ERROR"
  nullable    = false

  validation {
    condition     = contains(["ERROR", "FATAL", "ALL"], var.log_level)
    error_message = "log_level must be ERROR, FATAL or ALL."
  }
}

variable "tracing" {
  description = "Whether X-Ray traces executions."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_retention_days" {
  description = "Days for which the log group keeps its events."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "kms_key_arn" {
  description = "Customer-managed KMS key for logs and queue, and for what the machine calls (key_services); null: AWS's own keys. The key's policy must let CloudWatch Logs use it."
  type        = string
  default     = null
}

variable "key_services" {
  description = "Services through which the machine uses kms_key_arn, such as s3."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "require_tls" {
  description = "Whether the queue refuses requests over plain HTTP. False only where there is nothing else: the embedded cloud."
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
