variable "suffix" {
  description = "Ends every name made here: critical-SUFFIX, HANDLER-errors-SUFFIX. The metrics' namespace is CustomerPlatform/SUFFIX."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,14}[a-z0-9])?$", var.suffix))
    error_message = "suffix must be 1 to 16 lower-case letters, digits and hyphens, with no hyphen first or last."
  }
}

variable "functions" {
  description = <<-EOT
    Functions to watch, by handler; names of alarms begin with it (feedback_processor: feedback-processor-errors-SUFFIX).
    - name: of the function, suffix included.
    - log_group_name: its log group, to which the metric filters are put.
    - answers: whether somebody waits for its answer: latency counts, and it is a part of the API's health.
    - consumes_stream: whether it reads a stream, whose age counts.
  EOT
  type = map(object({
    name            = string
    log_group_name  = string
    answers         = optional(bool, false)
    consumes_stream = optional(bool, false)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for handler in keys(var.functions) : can(regex("^[a-z][a-z0-9_]*$", handler))])
    error_message = "Handlers in functions must be lower-case letters, digits and underscores."
  }
}

variable "logged_exceptions" {
  description = "Exceptions that functions raise after they have logged the cause: Lambda's line about one is not a second error."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.logged_exceptions : can(regex("^[A-Za-z][A-Za-z0-9]*$", name))])
    error_message = "logged_exceptions must be names of classes, letters and digits only."
  }
}

variable "tables" {
  description = "DynamoDB tables to watch, by what their alarms' names begin with: name, and the names of their indexes (at most four)."
  type = map(object({
    name    = string
    indexes = optional(set(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for table in values(var.tables) : length(table.indexes) <= 4])
    error_message = "A table in tables may have four indexes: an alarm adds up ten metrics at most, two for the table and two for each index."
  }
}

variable "queues" {
  description = "Dead-letter queues to watch: what their alarms' names begin with => name of the queue."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "api" {
  description = "REST API to watch: its name and stage. Null for none."
  type = object({
    name  = string
    stage = string
  })
  default = null
}

variable "rules" {
  description = "What is to be otherwise than the README's table of rules says, by kind (errors, throttles, table-throttles, server-errors, latency, request-latency, cold-starts, stream-age, dead-letters): enabled, severity, threshold, period (seconds) and periods (how many in a row)."
  type = map(object({
    enabled   = optional(bool, true)
    severity  = optional(string)
    threshold = optional(number)
    period    = optional(number)
    periods   = optional(number)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.rules), ["errors", "throttles", "table-throttles", "server-errors", "latency", "request-latency", "cold-starts", "stream-age", "dead-letters"])) == 0
    error_message = "rules must be of kinds errors, throttles, table-throttles, server-errors, latency, request-latency, cold-starts, stream-age or dead-letters."
  }
  validation {
    condition     = alltrue([for rule in values(var.rules) : contains(["critical", "warning"], coalesce(rule.severity, "warning"))])
    error_message = "rules.severity must be critical or warning."
  }
  validation {
    condition = alltrue([for rule in values(var.rules) :
      contains([10, 30], coalesce(rule.period, 60)) || (coalesce(rule.period, 60) >= 60 && coalesce(rule.period, 60) % 60 == 0)
    ])
    error_message = "rules.period must be 10, 30 or a multiple of 60 seconds."
  }
  validation {
    condition = alltrue([for rule in values(var.rules) :
      coalesce(rule.periods, 1) >= 1 && floor(coalesce(rule.periods, 1)) == coalesce(rule.periods, 1) && coalesce(rule.period, 60) * coalesce(rule.periods, 1) <= 86400
    ])
    error_message = "rules.periods must be a whole number from 1, and all periods together at most a day."
  }
}

variable "cold_starts_minimum_invocations" {
  description = "Calls within a period below which cold starts raise no alarm: of a handful, most are the first of their environment."
  type        = number
  default     = 20
  nullable    = false
}

variable "alarms" {
  description = <<-EOT
    Alarms besides those of the rules: what their names begin with => alarm.
    - severity: critical or warning.
    - description: what happened, in a sentence.
    - metrics: one, or several by the names that expression calls them.
    - expression: metric math over the metrics; null with one metric.
    - threshold, comparison, period (seconds), periods (how many in a row).
  EOT
  type = map(object({
    severity    = optional(string, "warning")
    description = string
    metrics = map(object({
      namespace  = string
      name       = string
      dimensions = optional(map(string), {})
      statistic  = optional(string, "Sum")
    }))
    expression = optional(string)
    threshold  = number
    comparison = optional(string, "GreaterThanThreshold")
    period     = optional(number, 300)
    periods    = optional(number, 1)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for alarm in values(var.alarms) : contains(["critical", "warning"], alarm.severity)])
    error_message = "alarms.severity must be critical or warning."
  }
  validation {
    condition     = alltrue([for alarm in values(var.alarms) : length(alarm.metrics) == 1 || (length(alarm.metrics) > 1 && alarm.expression != null)])
    error_message = "An alarm in alarms must have a metric, and an expression if it has several."
  }
}

variable "runbook" {
  description = "Page that says what to do about each kind of alarm, for the alarms' descriptions: #KIND is put behind it. Null for none."
  type        = string
  default     = null
}

variable "subscriptions" {
  description = <<-EOT
    Who hears of what, by name.
    - topics: critical, warning, deployments.
    - protocol: email, https (PagerDuty and its like, which confirm by themselves), sms or sqs.
    - endpoint: address, URL, number (+14155550100) or ARN of the queue; null: it is in subscription_endpoints.
  EOT
  type = map(object({
    topics   = optional(set(string), ["critical"])
    protocol = string
    endpoint = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for subscription in values(var.subscriptions) : length(subscription.topics) > 0 && length(setsubtract(subscription.topics, ["critical", "warning", "deployments"])) == 0])
    error_message = "subscriptions.topics must be one or more of critical, warning and deployments."
  }
  validation {
    condition     = alltrue([for subscription in values(var.subscriptions) : contains(["email", "https", "sms", "sqs"], subscription.protocol)])
    error_message = "subscriptions.protocol must be email, https, sms or sqs."
  }
  validation {
    condition = alltrue([for subscription in values(var.subscriptions) : subscription.endpoint == null || can(regex(lookup({
      email = "^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", https = "^https://\\S+$", sms = "^\\+[1-9][0-9]{6,14}$", sqs = "^arn:[a-z-]+:sqs:"
    }, subscription.protocol, ""), subscription.endpoint))])
    error_message = "subscriptions.endpoint must be what its protocol takes: an address, an https:// URL, a number such as +14155550100, the ARN of a queue."
  }
  validation {
    condition     = alltrue([for name, subscription in var.subscriptions : subscription.endpoint != null || contains(keys(var.subscription_endpoints), name)])
    error_message = "Every subscription must have an endpoint, its own or one in subscription_endpoints."
  }
}

variable "subscription_endpoints" {
  description = "Endpoints that are secrets, such as a PagerDuty URL with its integration key, by the subscription's name."
  type        = map(string)
  default     = {}
  sensitive   = true
  nullable    = false
}

variable "slack" {
  description = "Slack channel that hears, through Amazon Q Developer in chat applications: IDs of the workspace, which must be connected, and of the channel; topics. Null for none."
  type = object({
    team_id    = string
    channel_id = string
    topics     = optional(set(string), ["critical", "warning", "deployments"])
  })
  default = null

  validation {
    condition     = var.slack == null || can(regex("^T[A-Z0-9]{5,}$", var.slack.team_id)) && can(regex("^[CG][A-Z0-9]{5,}$", var.slack.channel_id))
    error_message = "slack.team_id must be a workspace's ID, such as T07EA123LEP, and slack.channel_id a channel's, such as C07EZ1ABC23."
  }
  validation {
    condition     = var.slack == null || try(length(var.slack.topics) > 0 && length(setsubtract(var.slack.topics, ["critical", "warning", "deployments"])) == 0, false)
    error_message = "slack.topics must be one or more of critical, warning and deployments."
  }
}

variable "business_widgets" {
  description = <<-EOT
    Charts of the dashboard business-SUFFIX, from left to right.
    - title, metrics (namespace, name, dimensions, label), statistic, period (seconds).
    - view: timeSeries, pie or singleValue; stacked: one on top of the other.
  EOT
  type = list(object({
    title = string
    metrics = list(object({
      namespace  = string
      name       = string
      dimensions = optional(map(string), {})
      label      = optional(string)
    }))
    statistic = optional(string, "Sum")
    period    = optional(number, 3600)
    view      = optional(string, "timeSeries")
    stacked   = optional(bool, false)
  }))
  default  = []
  nullable = false
}

variable "cdn_distribution_id" {
  description = "ID of the CloudFront distribution whose cache hit ratio is shown; it needs additional metrics. Null for none."
  type        = string
  default     = null
}

variable "cdn_metrics_region" {
  description = "Region in which CloudFront keeps its metrics; another one in AWS's partition for China."
  type        = string
  default     = "us-east-1"
  nullable    = false
}

variable "budget" {
  description = "Monthly budget in USD of what carries the tag Suffix: amount, and per cent of it at which the warning topic hears, as spent (actual) and as AWS expects for the whole month (forecast). Null for none. The tag must be activated for cost allocation."
  type = object({
    amount   = number
    actual   = optional(set(number), [80, 100])
    forecast = optional(set(number), [100])
  })
  default = null

  validation {
    condition     = var.budget == null || try(var.budget.amount > 0, false)
    error_message = "budget.amount must be more than 0 USD."
  }
  validation {
    condition     = var.budget == null || try(length(var.budget.actual) + length(var.budget.forecast) <= 10, false)
    error_message = "A budget takes ten notifications at most."
  }
}

variable "cost_anomaly" {
  description = "Warning when a day costs more than AWS's baseline for what carries the tag Suffix: by so many per cent, and by at least so many USD. Null for none. The tag must be activated for cost allocation."
  type = object({
    percent     = optional(number, 20)
    minimum_usd = optional(number, 1)
  })
  default = null

  validation {
    condition     = var.cost_anomaly == null || try(var.cost_anomaly.percent > 0 && var.cost_anomaly.minimum_usd >= 0, false)
    error_message = "cost_anomaly.percent must be more than 0, minimum_usd at least 0."
  }
}

variable "kms_key_arn" {
  description = "Customer-managed KMS key of the topics, whose policy lets CloudWatch, Budgets and Cost Anomaly Detection use it (terraform/bootstrap's does); null: one is made, for $1 a month."
  type        = string
  default     = null
}

variable "key_users" {
  description = <<-EOT
    AWS's services, by name (letters and digits), that publish with the key to topics of other modules.
    - service: such as ses.amazonaws.com.
    - sources: ARNs in whose name they do.
  EOT
  type = map(object({
    service = string
    sources = list(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name, user in var.key_users : can(regex("^[A-Za-z0-9]+$", name)) && length(user.sources) > 0])
    error_message = "key_users must have names of letters and digits, and each at least one source."
  }
}

variable "require_tls" {
  description = "Whether topics refuse to be published to over plain HTTP. False only where there is nothing else: the embedded cloud."
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
