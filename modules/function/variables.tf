variable "name" {
  description = "Name of the function, suffix included. Its log group is /aws/lambda/NAME, its queue NAME-dlq."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name must be 1 to 64 letters, digits, hyphens and underscores."
  }
}

variable "description" {
  description = "What the function does, in a sentence."
  type        = string
  default     = null

  validation {
    condition     = length(coalesce(var.description, "-")) <= 256
    error_message = "description must have at most 256 characters."
  }
}

variable "package" {
  description = "Path of the zip to upload."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists(var.package)
    error_message = "There is no package ${var.package}: build it before Terraform runs."
  }
}

variable "handler" {
  description = "Module and function inside the package."
  type        = string
  default     = "handler.lambda_handler"
  nullable    = false
}

variable "runtime" {
  description = "Lambda runtime."
  type        = string
  default     = "python3.13"
  nullable    = false
}

variable "architecture" {
  description = "Processor: arm64 (a fifth cheaper) or x86_64. The package must be built for it."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be arm64 or x86_64."
  }
}

variable "memory_size" {
  description = "Memory in MB; CPU grows with it."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = var.memory_size >= 128 && var.memory_size <= 10240 && floor(var.memory_size) == var.memory_size
    error_message = "memory_size must be a whole number from 128 to 10240."
  }
}

variable "timeout" {
  description = "Seconds after which an invocation is stopped."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = contains(range(1, 901), var.timeout)
    error_message = "timeout must be a whole number from 1 to 900."
  }
}

variable "environment" {
  description = "Environment variables; a dead_letter_queue adds DEAD_LETTER_QUEUE_URL. No secrets: whoever may read the function reads them."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "reserved_concurrency" {
  description = "Executions kept for this function, which are also its limit; 0 stops it. Null: it shares the account's pool."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null || try(var.reserved_concurrency >= 0 && floor(var.reserved_concurrency) == var.reserved_concurrency, false)
    error_message = "reserved_concurrency must be a whole number from 0, or null."
  }
}

variable "tracing" {
  description = "Active: Lambda traces the calls that X-Ray samples. PassThrough: only calls that arrive traced."
  type        = string
  default     = "Active"
  nullable    = false

  validation {
    condition     = contains(["Active", "PassThrough"], var.tracing)
    error_message = "tracing must be Active or PassThrough."
  }
}

variable "role_name" {
  description = "Name of the execution role; null: lambda-NAME-role."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", coalesce(var.role_name, "lambda-${var.name}-role")))
    error_message = "The role's name, ${coalesce(var.role_name, "lambda-${var.name}-role")}, must have 1 to 64 characters that IAM allows (letters, digits, +=,.@_-): shorten name or set role_name."
  }
}

variable "permissions" {
  description = <<-EOT
    What the function may do besides writing its own logs and traces, a statement per name (letters and digits).
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
  description = "Actions of services that have no resource to name, such as comprehend:DetectSentiment: allowed on \"*\", each with the reason why no ARN can stand there. except: ARNs on which they are refused all the same."
  type = map(object({
    actions = list(string)
    reason  = string
    except  = optional(list(string), [])
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
  validation {
    condition     = alltrue(flatten([for permission in values(var.permissions_without_arn) : [for arn in permission.except : can(regex("^arn:[a-z-]+:[a-z0-9-]+:", arn))]]))
    error_message = "permissions_without_arn.except must be ARNs that name their service."
  }
}

variable "dead_letter_queue" {
  description = "Queue NAME-dlq for what failed for good; {} for its defaults, null for none. message_retention_seconds: 60 to 1209600 (14 days)."
  type = object({
    message_retention_seconds = optional(number, 1209600)
  })
  default = null

  validation {
    condition     = var.dead_letter_queue == null || try(var.dead_letter_queue.message_retention_seconds >= 60 && var.dead_letter_queue.message_retention_seconds <= 1209600, false)
    error_message = "dead_letter_queue.message_retention_seconds must be 60 to 1209600."
  }
}

variable "asynchronous" {
  description = "Asynchronous invocations, before they go to the dead-letter queue: retries (0 to 2) and the age in seconds (60 to 21600) after which none is tried. Used with dead_letter_queue only."
  type = object({
    maximum_retry_attempts       = optional(number, 2)
    maximum_event_age_in_seconds = optional(number, 3600)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains([0, 1, 2], var.asynchronous.maximum_retry_attempts)
    error_message = "asynchronous.maximum_retry_attempts must be 0, 1 or 2."
  }
  validation {
    condition     = var.asynchronous.maximum_event_age_in_seconds >= 60 && var.asynchronous.maximum_event_age_in_seconds <= 21600
    error_message = "asynchronous.maximum_event_age_in_seconds must be 60 to 21600."
  }
}

variable "event_sources" {
  description = <<-EOT
    DynamoDB streams that feed the alias, by name. They need a dead_letter_queue.
    - stream_arn: ARN of the stream.
    - batch_size, maximum_batching_window_in_seconds: a batch goes off when it is full or the window ends.
    - parallelization_factor: batches of one shard at a time; items of one key stay in order.
    - starting_position: TRIM_HORIZON begins with the oldest record, so that nothing written before the mapping became active is lost; LATEST begins now.
    - maximum_retry_attempts: enough to outlast an outage of minutes, few enough that one bad record does not hold its shard for hours.
    - maximum_record_age_in_seconds: 6 h, a quarter of the stream's memory: the queue's message names positions only, and the records can still be read from the stream.
    - bisect_batch_on_function_error: halve a failing batch, until the bad record is alone.
    - filters: JSON patterns; a record that matches one is delivered. None: all are.
  EOT
  type = map(object({
    stream_arn                         = string
    batch_size                         = optional(number, 100)
    maximum_batching_window_in_seconds = optional(number, 1)
    parallelization_factor             = optional(number, 1)
    starting_position                  = optional(string, "TRIM_HORIZON")
    maximum_retry_attempts             = optional(number, 50)
    maximum_record_age_in_seconds      = optional(number, 21600)
    bisect_batch_on_function_error     = optional(bool, true)
    filters                            = optional(list(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(var.event_sources) == 0 || var.dead_letter_queue != null
    error_message = "event_sources need a dead_letter_queue: batches that fail for good would be lost."
  }
  validation {
    condition     = alltrue([for source in values(var.event_sources) : can(regex("^arn:[a-z-]+:dynamodb:.+/stream/", source.stream_arn))])
    error_message = "event_sources.stream_arn must be the ARN of a DynamoDB stream."
  }
  validation {
    condition     = alltrue([for source in values(var.event_sources) : contains(["TRIM_HORIZON", "LATEST"], source.starting_position)])
    error_message = "event_sources.starting_position must be TRIM_HORIZON or LATEST."
  }
  validation {
    condition     = alltrue([for source in values(var.event_sources) : contains(range(1, 11), source.parallelization_factor)])
    error_message = "event_sources.parallelization_factor must be a whole number from 1 to 10."
  }
  validation {
    condition     = alltrue([for source in values(var.event_sources) : source.batch_size >= 1 && source.batch_size <= 10000 && (source.batch_size <= 10 || source.maximum_batching_window_in_seconds >= 1)])
    error_message = "event_sources.batch_size must be 1 to 10000, and over 10 needs a maximum_batching_window_in_seconds of 1 or more."
  }
  validation {
    condition     = alltrue(flatten([for source in values(var.event_sources) : [for filter in source.filters : can(jsondecode(filter))]]))
    error_message = "event_sources.filters must be JSON."
  }
}

variable "schedules" {
  description = <<-EOT
    Schedules on which the alias is invoked, by name. They need a dead_letter_queue.
    - expression: rate(15 minutes), cron(0 3 * * ? *) or at(2026-01-01T03:00:00).
    - timezone: of a cron or at expression, such as Europe/Berlin.
    - enabled: whether it runs.
    - input: the event, as JSON.
    - flexible_window_minutes: it runs at some moment within so many minutes after its time; 0: at its time.
    - maximum_retry_attempts, maximum_event_age_in_seconds: of invocations that did not reach Lambda, before they go to the queue.
  EOT
  type = map(object({
    expression                   = string
    timezone                     = optional(string, "UTC")
    enabled                      = optional(bool, true)
    input                        = optional(string, "{}")
    flexible_window_minutes      = optional(number, 0)
    maximum_retry_attempts       = optional(number, 3)
    maximum_event_age_in_seconds = optional(number, 3600)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(var.schedules) == 0 || var.dead_letter_queue != null
    error_message = "schedules need a dead_letter_queue: runs that never took place would go unnoticed."
  }
  validation {
    condition     = alltrue([for name in keys(var.schedules) : can(regex("^[a-z0-9-]+$", name)) && length("${var.name}-${name}") <= 64])
    error_message = "Names of schedules must be lower-case letters, digits and hyphens, and at most 64 characters together with the function's."
  }
  validation {
    condition     = length(var.schedules) == 0 || length("schedules-${var.name}") <= 64
    error_message = "The name of a function with schedules must have at most 54 characters: its role's, schedules-NAME, has at most 64."
  }
  validation {
    condition     = alltrue([for schedule in values(var.schedules) : can(regex("^(rate|cron|at)\\(.+\\)$", schedule.expression))])
    error_message = "schedules.expression must be rate(…), cron(…) or at(…)."
  }
  validation {
    condition     = alltrue([for schedule in values(var.schedules) : can(jsondecode(schedule.input))])
    error_message = "schedules.input must be JSON."
  }
  validation {
    condition     = alltrue([for schedule in values(var.schedules) : schedule.flexible_window_minutes >= 0 && schedule.flexible_window_minutes <= 1440])
    error_message = "schedules.flexible_window_minutes must be 0 to 1440."
  }
  validation {
    condition     = alltrue([for schedule in values(var.schedules) : contains(range(0, 186), schedule.maximum_retry_attempts) && schedule.maximum_event_age_in_seconds >= 60 && schedule.maximum_event_age_in_seconds <= 86400])
    error_message = "schedules.maximum_retry_attempts must be 0 to 185, maximum_event_age_in_seconds 60 to 86400."
  }
}

variable "topics" {
  description = <<-EOT
    SNS topics that feed the alias, by name. They need a dead_letter_queue.
    - topic_arn: ARN of the topic.
    - filter: JSON policy on the message's body; what does not match is not delivered. Null: everything is.
  EOT
  type = map(object({
    topic_arn = string
    filter    = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(var.topics) == 0 || var.dead_letter_queue != null
    error_message = "topics need a dead_letter_queue: messages that were never answered would be lost."
  }
  validation {
    condition     = alltrue([for name in keys(var.topics) : can(regex("^[A-Za-z0-9]+$", name))])
    error_message = "Names of topics must be letters and digits only: they are in the statements' Sids."
  }
  validation {
    condition     = alltrue([for topic in values(var.topics) : can(regex("^arn:[a-z-]+:sns:", topic.topic_arn))])
    error_message = "topics.topic_arn must be the ARN of an SNS topic."
  }
  validation {
    condition     = alltrue([for topic in values(var.topics) : topic.filter == null || can(jsondecode(topic.filter))])
    error_message = "topics.filter must be JSON."
  }
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
  description = "Customer-managed KMS key for environment, logs and queue, and for the tables and queues that the function calls; null: AWS's own keys. The key's policy must let CloudWatch Logs use it."
  type        = string
  default     = null
}

variable "key_services" {
  description = "Services besides dynamodb, lambda and sqs through which the function uses kms_key_arn, such as s3."
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
