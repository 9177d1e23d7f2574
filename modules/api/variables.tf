variable "name" {
  description = "Name of the API, suffix included; plans and keys are called NAME-PLAN and NAME-KEY."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$", var.name))
    error_message = "name must be 1 to 128 letters, digits, hyphens and underscores, a letter or digit first."
  }
}

variable "openapi" {
  description = "The decoded OpenAPI 3 document: yamldecode(file(\"openapi.yaml\")). Paths, operations, parameters, bodies and `security` are used; $ref only among parameters, to #/components/parameters/…."
  type        = any
  nullable    = false

  validation {
    condition     = can(length(keys(var.openapi.paths)) > 0)
    error_message = "openapi must be a decoded OpenAPI document with paths."
  }
  validation {
    condition = alltrue(flatten([
      for item in values(try(var.openapi.paths, {})) : [
        for method in ["delete", "get", "patch", "post", "put"] :
        can(regex("^[A-Za-z0-9]+$", item[method].operationId)) if contains(keys(item), method)
      ]
    ]))
    error_message = "Every operation in openapi needs an operationId of letters and digits."
  }
  validation {
    condition = length(flatten([
      for item in values(try(var.openapi.paths, {})) : [for method in ["delete", "get", "patch", "post", "put"] : method if contains(keys(item), method)]
      ])) == length(distinct(flatten([
        for item in values(try(var.openapi.paths, {})) : [for method in ["delete", "get", "patch", "post", "put"] : try(item[method].operationId, method) if contains(keys(item), method)]
    ])))
    error_message = "Two operations in openapi have the same operationId."
  }
}

variable "handlers" {
  description = "operationId => what answers it: function, alias, the alias's invoke ARN, and how long API Gateway waits (50 to 29000 ms). One for every operation."
  type = map(object({
    function_name        = string
    alias_name           = string
    invoke_arn           = string
    timeout_milliseconds = optional(number, 29000)
  }))
  nullable = false

  validation {
    condition     = length(setsubtract(keys(local.operations), keys(var.handlers))) == 0
    error_message = "Operations without a handler: ${join(", ", setsubtract(keys(local.operations), keys(var.handlers)))}."
  }
  validation {
    condition     = length(setsubtract(keys(var.handlers), keys(local.operations))) == 0
    error_message = "Handlers of operations that openapi does not have: ${join(", ", setsubtract(keys(var.handlers), keys(local.operations)))}."
  }
  validation {
    condition     = alltrue([for handler in values(var.handlers) : handler.timeout_milliseconds >= 50 && handler.timeout_milliseconds <= 29000])
    error_message = "handlers.timeout_milliseconds must be 50 to 29000."
  }
}

variable "stage_name" {
  description = "Name of the stage, the first part of every path."
  type        = string
  default     = "prod"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,128}$", var.stage_name))
    error_message = "stage_name must be 1 to 128 letters, digits, hyphens and underscores."
  }
}

variable "cors_allow_origin" {
  description = "The origin whose scripts may read answers, such as https://feedback.example.com, or \"*\" for any."
  type        = string
  nullable    = false

  validation {
    condition     = var.cors_allow_origin == "*" || can(regex("^https?://[A-Za-z0-9.-]+(:[0-9]+)?$", var.cors_allow_origin))
    error_message = "cors_allow_origin must be one origin without a path, such as https://feedback.example.com, or \"*\"."
  }
}

variable "cors_allow_headers" {
  description = "Request headers that scripts may send."
  type        = list(string)
  default     = ["Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "X-Api-Key"]
  nullable    = false
}

variable "cors_max_age_seconds" {
  description = "How long a browser may remember a preflight answer."
  type        = number
  default     = 3600
  nullable    = false
}

variable "throttle" {
  description = "Requests per second, and burst, that each method of the stage accepts from all callers together."
  type = object({
    rate_limit  = optional(number, 5000)
    burst_limit = optional(number, 1000)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.throttle.rate_limit > 0 && var.throttle.burst_limit > 0
    error_message = "throttle.rate_limit and throttle.burst_limit must be above 0: 0 refuses every call."
  }
}

variable "throttles" {
  description = "The same of single operations, by operationId."
  type = map(object({
    rate_limit  = number
    burst_limit = number
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.throttles), keys(local.operations))) == 0
    error_message = "throttles of operations that openapi does not have: ${join(", ", setsubtract(keys(var.throttles), keys(local.operations)))}."
  }
  validation {
    condition     = alltrue([for limits in values(var.throttles) : limits.rate_limit > 0 && limits.burst_limit > 0])
    error_message = "rate_limit and burst_limit of throttles must be above 0: 0 refuses every call."
  }
}

variable "usage_plans" {
  description = "What a key of each plan may use: requests per second, burst, and a quota per DAY, WEEK or MONTH (null: none)."
  type = map(object({
    rate_limit  = number
    burst_limit = number
    quota = optional(object({
      limit  = number
      period = string
    }))
  }))
  default = {
    free    = { rate_limit = 5, burst_limit = 10, quota = { limit = 10000, period = "MONTH" } }
    basic   = { rate_limit = 50, burst_limit = 100, quota = { limit = 500000, period = "MONTH" } }
    premium = { rate_limit = 500, burst_limit = 1000, quota = { limit = 10000000, period = "MONTH" } }
  }
  nullable = false

  validation {
    condition     = alltrue([for plan in values(var.usage_plans) : contains(["DAY", "WEEK", "MONTH"], plan.quota.period) if plan.quota != null])
    error_message = "usage_plans.quota.period must be DAY, WEEK or MONTH."
  }
}

variable "api_keys" {
  description = "API keys by name: the plan of each, what it is for, and whether it works."
  type = map(object({
    plan        = string
    description = optional(string)
    enabled     = optional(bool, true)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for key in values(var.api_keys) : contains(keys(var.usage_plans), key.plan)])
    error_message = "Every plan in api_keys must be one of usage_plans."
  }
}

variable "api_key_values" {
  description = "Values of keys that must be known beforehand, by name, 20 to 128 characters. AWS makes the others."
  type        = map(string)
  default     = {}
  sensitive   = true
  nullable    = false

  validation {
    condition     = alltrue([for value in values(var.api_key_values) : length(value) >= 20 && length(value) <= 128])
    error_message = "Every value in api_key_values must have 20 to 128 characters."
  }
  validation {
    condition     = length(setsubtract(keys(var.api_key_values), keys(var.api_keys))) == 0
    error_message = "api_key_values has values of keys that api_keys does not have."
  }
}

variable "account_logging_ready" {
  description = "Whether the account has the role with which API Gateway writes logs (one per account and region: terraform/bootstrap makes it). Without it AWS refuses access and execution logs, and the API has none."
  type        = bool
  default     = true
  nullable    = false
}

variable "logging_level" {
  description = "Execution logs: OFF, ERROR or INFO."
  type        = string
  default     = "ERROR"
  nullable    = false

  validation {
    condition     = contains(["OFF", "ERROR", "INFO"], var.logging_level)
    error_message = "logging_level must be OFF, ERROR or INFO."
  }
}

variable "xray_tracing_enabled" {
  description = "Whether the stage begins traces."
  type        = bool
  default     = true
  nullable    = false
}

variable "minimum_compression_size" {
  description = "Answers of at least so many bytes are compressed for clients that can; null: none are."
  type        = number
  default     = null
}

variable "disable_execute_api_endpoint" {
  description = "Whether the API answers under its own domain name only, not under AWS's."
  type        = bool
  default     = false
  nullable    = false
}

variable "log_retention_days" {
  description = "Days for which the log groups keep their events."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "kms_key_arn" {
  description = "Customer-managed KMS key for the log groups; null: CloudWatch's own."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything made here that can have some."
  type        = map(string)
  default     = {}
  nullable    = false
}
