# Names and meanings of the first eight are part of the product's contract.

variable "aws_region" {
  description = "Region of everything but Comprehend."
  type        = string
  default     = "us-west-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "aws_region must be the name of a region, such as us-west-1."
  }
}

variable "cloudfront_region" {
  description = "Region from which CloudFront takes certificates, web ACLs and log deliveries, and in which it counts: us-east-1 in AWS's own partition."
  type        = string
  default     = "us-east-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.cloudfront_region))
    error_message = "cloudfront_region must be the name of a region, such as us-east-1."
  }
}

variable "project_name" {
  description = "Project name, in the tags of every resource."
  type        = string
  default     = "feedback-system"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.project_name))
    error_message = "project_name must be 2 to 31 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "environment" {
  description = "What the stack is for: local, preview or production. Production refuses settings that are only fit for trying."
  type        = string
  default     = "production"
  nullable    = false

  validation {
    condition     = contains(["local", "preview", "production"], var.environment)
    error_message = "environment must be local, preview or production."
  }
}

variable "environment_suffix" {
  description = "Ends the name of every resource, so that stacks share an account without touching each other (pr123, prod). No default: two people must not share one by accident."
  type        = string
  nullable    = false

  # 16: the longest name around it, lambda-feedback-processor-role-SUFFIX and its like, must
  # stay within the 64 characters of an IAM role, and bucket names within 63.
  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,14}[a-z0-9])?$", var.environment_suffix)) && !strcontains(var.environment_suffix, "--")
    error_message = "environment_suffix must be 1 to 16 lower-case letters, digits and single hyphens, with no hyphen first or last: it is part of every name, bucket names included."
  }
}

variable "lambda_timeout" {
  description = "Timeout of the feedback processor, in seconds. API Gateway waits 29."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.lambda_timeout >= 15 && var.lambda_timeout <= 30
    error_message = "lambda_timeout must be 15 to 30 seconds: Comprehend's retries and the write's may take 13, and API Gateway waits 29."
  }
}

variable "lambda_memory_size" {
  description = "Memory of the feedback processor, in MB."
  type        = number
  default     = 512
  nullable    = false

  validation {
    condition     = var.lambda_memory_size >= 128 && var.lambda_memory_size <= 10240
    error_message = "lambda_memory_size must be 128 to 10240 MB."
  }
}

variable "log_retention_days" {
  description = "Days for which log groups keep their events."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of the periods that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "athena_query_result_retention_days" {
  description = "Days for which Athena's query results are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.athena_query_result_retention_days >= 1
    error_message = "athena_query_result_retention_days must be at least 1."
  }
}

variable "emulator_endpoint" {
  description = "URL of the embedded cloud, for example http://127.0.0.1:4566; null on AWS."
  type        = string
  default     = null

  validation {
    condition     = var.emulator_endpoint == null || can(regex("^http://127\\.0\\.0\\.1:[0-9]+$", var.emulator_endpoint))
    error_message = "emulator_endpoint must be http://127.0.0.1:PORT: the embedded cloud listens on loopback only."
  }
}

variable "lambda_package_dir" {
  description = "Folder of the Lambda packages that build.py made, relative to this one."
  type        = string
  default     = "../build/lambda"
  nullable    = false
}

variable "kms_key_arn" {
  description = "Customer-managed KMS key for tables, queues, log groups, topics and functions' environments (terraform/bootstrap makes one); null: AWS's own keys, at no cost, and for the topics one of the stack's own, $1 a month."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key."
  }
}

variable "feedback" {
  description = <<-EOT
    The feedback system.
    - retention_days: days after which an item expires.
    - list_shards: index partitions per day, so that no partition takes all writes. May be raised at any time; lowering it hides items until they expire.
    - aggregate_shards: items over which the hot totals are spread, summed on read. May be raised at any time, never lowered.
    - deletion_protection: whether the feedback and analytics tables refuse to be deleted.
    - restored_suffix: the restored table customer-feedback-SUFFIX-RESTORED takes the feedback table's place (docs/runbook.md, "Restore a table"); null: customer-feedback-SUFFIX itself.
  EOT
  type = object({
    retention_days      = optional(number, 30)
    list_shards         = optional(number, 4)
    aggregate_shards    = optional(number, 1)
    deletion_protection = optional(bool, false)
    restored_suffix     = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.feedback.restored_suffix == null || can(regex("^[a-z0-9-]{1,32}$", var.feedback.restored_suffix))
    error_message = "feedback.restored_suffix must be 1 to 32 lower-case letters, digits and hyphens."
  }
  validation {
    condition     = var.feedback.retention_days >= 1 && var.feedback.retention_days <= 365
    error_message = "feedback.retention_days must be 1 to 365."
  }
  validation {
    condition     = contains(range(1, 17), var.feedback.list_shards) && contains(range(1, 17), var.feedback.aggregate_shards)
    error_message = "feedback.list_shards and feedback.aggregate_shards must be whole numbers from 1 to 16: every one is a read of its own."
  }
  validation {
    condition     = var.environment != "production" || var.feedback.deletion_protection
    error_message = "feedback.deletion_protection must be true in production: a destroy would take all feedback with it."
  }
}

variable "datalake" {
  description = <<-EOT
    The data lake.
    - export_window_seconds: how long new feedback is collected into one object. What is written can be queried at once.
    - bytes_scanned_cutoff_per_query: Athena cancels a query that reads more; $5 buys 1 TB.
    - salt_version: raise it to give customers new hashes, so that rows from before and after cannot be connected.
    - deletion_protection: whether a destroy stops at buckets that hold something.
    - compaction: when days become Parquet (schedule, UTC; enabled), how many past days are looked at again for late rows (days), and how many are compacted at most in one run (most_days_per_run); the next run goes on.
  EOT
  type = object({
    export_window_seconds          = optional(number, 20)
    bytes_scanned_cutoff_per_query = optional(number, 100000000000)
    salt_version                   = optional(number, 1)
    deletion_protection            = optional(bool, false)
    compaction = optional(object({
      schedule          = optional(string, "cron(15 1 * * ? *)")
      enabled           = optional(bool, true)
      days              = optional(number, 7)
      most_days_per_run = optional(number, 31)
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(range(1, 32), var.datalake.compaction.days) && contains(range(1, 101), var.datalake.compaction.most_days_per_run)
    error_message = "datalake.compaction.days must be a whole number from 1 to 31, and most_days_per_run from 1 to 100."
  }
  validation {
    condition     = can(regex("^(cron|rate)\\(.+\\)$", var.datalake.compaction.schedule))
    error_message = "datalake.compaction.schedule must be cron(…) or rate(…), in UTC."
  }
  validation {
    condition     = contains(range(1, 46), var.datalake.export_window_seconds)
    error_message = "datalake.export_window_seconds must be a whole number from 1 to 45: feedback is to be queryable within a minute."
  }
  validation {
    condition     = var.environment != "production" || var.datalake.deletion_protection
    error_message = "datalake.deletion_protection must be true in production: a destroy would take the whole history with it."
  }
}

variable "backup" {
  description = <<-EOT
    Weekly backups of every table, besides point-in-time recovery.
    - enabled: whether they are made.
    - rule: schedule (cron of AWS Backup, UTC), start and completion windows, retention_days and cold_storage_after_days, as in modules/backup. What customers had erased stays in backups for retention_days: 35 is what point-in-time recovery keeps anyway.
    - lock: vault lock in governance mode (min_retention_days, max_retention_days); null: none.
    - deletion_protection: whether a destroy stops at a vault that holds backups.
  EOT
  type = object({
    enabled = optional(bool, true)
    rule = optional(object({
      schedule                  = optional(string, "cron(0 5 ? * SUN *)")
      start_window_minutes      = optional(number, 60)
      completion_window_minutes = optional(number, 720)
      retention_days            = optional(number, 35)
      cold_storage_after_days   = optional(number)
    }), {})
    lock = optional(object({
      min_retention_days = number
      max_retention_days = optional(number)
    }))
    deletion_protection = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.environment != "production" || var.backup.enabled
    error_message = "backup.enabled must be true in production: who may damage a table may switch its point-in-time recovery off as well."
  }
  validation {
    condition     = var.environment != "production" || var.backup.deletion_protection
    error_message = "backup.deletion_protection must be true in production: a destroy would take the backups with the tables."
  }
}

variable "log_archive" {
  description = <<-EOT
    The archive of every log group in S3.
    - enabled: whether there is one.
    - transition_days: days after which an object goes to Glacier Instant Retrieval.
    - retention_days: days after which it is deleted.
    - compliance: a copy that nobody can delete for retention_days (2557: seven years); irrevocable = true says that this is known.
    - deletion_protection: whether a destroy stops at an archive that holds something.
  EOT
  type = object({
    enabled         = optional(bool, true)
    transition_days = optional(number, 30)
    retention_days  = optional(number, 365)
    compliance = optional(object({
      enabled        = optional(bool, false)
      retention_days = optional(number, 2557)
      irrevocable    = optional(bool, false)
    }), {})
    deletion_protection = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.environment != "production" || !var.log_archive.enabled || var.log_archive.deletion_protection
    error_message = "log_archive.deletion_protection must be true in production: a destroy would take a year of logs with it."
  }
  validation {
    condition     = !var.log_archive.compliance.enabled || (var.environment == "production" && var.log_archive.enabled)
    error_message = "log_archive.compliance is for production, with the archive enabled: it cannot be undone, and what is only tried must not stay for years."
  }
}

variable "sentiment" {
  description = <<-EOT
    Sentiment analysis.
    - engine: comprehend, or lexicon (in the function, no service, no cost). Comprehend falls back to the lexicon.
    - comprehend_region: a region that has Comprehend; us-west-1 has none.
    - language_code: language of the feedback.
    - reanalysis: what the lexicon answered while Comprehend was down is analysed again, on a schedule: what was written in the last so many days (never beyond feedback.retention_days), at most so many items a run.
  EOT
  type = object({
    engine            = optional(string, "comprehend")
    comprehend_region = optional(string, "us-west-2")
    language_code     = optional(string, "en")
    reanalysis = optional(object({
      enabled  = optional(bool, true)
      schedule = optional(string, "rate(15 minutes)")
      days     = optional(number, 7)
      items    = optional(number, 500)
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["comprehend", "lexicon"], var.sentiment.engine)
    error_message = "sentiment.engine must be comprehend or lexicon."
  }
  validation {
    condition     = contains(["ar", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "pt", "zh", "zh-TW"], var.sentiment.language_code)
    error_message = "sentiment.language_code must be one of Comprehend's: ar, de, en, es, fr, hi, it, ja, ko, pt, zh, zh-TW."
  }
  validation {
    condition     = can(regex("^(rate|cron)\\(.+\\)$", var.sentiment.reanalysis.schedule))
    error_message = "sentiment.reanalysis.schedule must be rate(…) or cron(…)."
  }
  validation {
    condition     = alltrue([for number in [var.sentiment.reanalysis.days, var.sentiment.reanalysis.items] : number >= 1 && floor(number) == number]) && var.sentiment.reanalysis.days <= 30 && var.sentiment.reanalysis.items <= 10000
    error_message = "sentiment.reanalysis.days must be a whole number from 1 to 30 (the compaction looks one day further back), items one from 1 to 10000."
  }
}

variable "releases" {
  description = <<-EOT
    Releases and rollbacks.
    - weights: shares of the traffic that a new version gets before it gets all of it, in percent, one after the other. None: all at once.
    - bake_seconds: how long the alarms are watched at each of them.
    - loop_window_minutes: after a rollback of a function no other one for so long: an alarm that stays is not the new version's doing.
    - deletion_protection: whether the ledger refuses to be deleted.
  EOT
  type = object({
    weights             = optional(list(number), [10])
    bake_seconds        = optional(number, 300)
    loop_window_minutes = optional(number, 30)
    deletion_protection = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for weight in var.releases.weights : contains(range(1, 100), weight)]) && length(var.releases.weights) <= 10
    error_message = "releases.weights must be at most ten whole numbers from 1 to 99: the last step, 100, is always there."
  }
  validation {
    condition     = var.releases.bake_seconds >= 1 && var.releases.bake_seconds <= 86400 && floor(var.releases.bake_seconds) == var.releases.bake_seconds
    error_message = "releases.bake_seconds must be a whole number from 1 to 86400, a day."
  }
  validation {
    condition     = var.releases.loop_window_minutes >= 1 && var.releases.loop_window_minutes <= 1440 && floor(var.releases.loop_window_minutes) == var.releases.loop_window_minutes
    error_message = "releases.loop_window_minutes must be a whole number from 1 to 1440."
  }
  validation {
    condition     = var.environment != "production" || var.releases.deletion_protection
    error_message = "releases.deletion_protection must be true in production: a destroy would take the record of every release with it."
  }
}

variable "messages" {
  description = <<-EOT
    Messages to customers and to the team.
    - retention_days: days for which a message and its history are kept. At least 91: for 90 days after its end Step Functions refuses a second execution of a message, and its record has to outlast that.
    - throttled: how often a message that the service does not take for now is tried again, and how long is waited: up to first_seconds before the first time, twice as long before each other one, never longer than longest_seconds.
    - doubt: how often, and after how many seconds each time, it is looked whether a message was sent of which nobody knows; then it fails, and a person decides.
    - settle_attempts: how often it is tried again to write down that a message failed, after 2, 4, 8 … seconds, before the workflow says so on the queue itself.
    - deletion_protection: whether the table of messages refuses to be deleted.
  EOT
  type = object({
    retention_days = optional(number, 91)
    throttled = optional(object({
      attempts        = optional(number, 12)
      first_seconds   = optional(number, 2)
      longest_seconds = optional(number, 300)
    }), {})
    doubt = optional(object({
      attempts = optional(number, 5)
      seconds  = optional(number, 60)
    }), {})
    settle_attempts     = optional(number, 8)
    deletion_protection = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.messages.retention_days >= 91 && var.messages.retention_days <= 3650 && floor(var.messages.retention_days) == var.messages.retention_days
    error_message = "messages.retention_days must be a whole number from 91 to 3650: an idempotency key must not be forgotten before Step Functions forgets the execution that it names."
  }
  validation {
    condition     = alltrue([for number in [var.messages.throttled.attempts, var.messages.doubt.attempts, var.messages.settle_attempts] : contains(range(1, 101), number)]) && alltrue([for number in [var.messages.throttled.first_seconds, var.messages.throttled.longest_seconds, var.messages.doubt.seconds] : number >= 1 && number <= 3600 && floor(number) == number]) && var.messages.throttled.longest_seconds >= 3
    error_message = "messages.throttled.attempts, doubt.attempts and settle_attempts must be whole numbers from 1 to 100, their seconds from 1 to 3600, longest_seconds from 3: the step that settles waits no longer either, and 2 before its first retry."
  }
  validation {
    condition     = var.environment != "production" || var.messages.deletion_protection
    error_message = "messages.deletion_protection must be true in production: a destroy would take the record of every message with it."
  }
}

variable "mail" {
  description = <<-EOT
    From whom mail comes, and who reads what visitors write.
    - sender_address: From of all mail.
    - sender_identity: the verified SES identity that it belongs to, a domain or an address (terraform/bootstrap makes it); null: sender_address itself.
    - team_inbox: where contact requests and reminders go.
    - report_schedule: when people are told which messages failed in the last 25 hours: once a day, an hour of which is told of twice.
  EOT
  type = object({
    sender_address  = string
    sender_identity = optional(string)
    team_inbox      = string
    report_schedule = optional(string, "cron(30 4 * * ? *)")
  })
  nullable = false

  validation {
    condition     = alltrue([for address in [var.mail.sender_address, var.mail.team_inbox] : can(regex("^[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9-]+\\.)+[A-Za-z0-9-]{2,}$", address))])
    error_message = "mail.sender_address and mail.team_inbox must be bare e-mail addresses, such as no-reply@example.com."
  }
  validation {
    condition     = var.mail.sender_identity == null || var.mail.sender_identity == var.mail.sender_address || endswith(var.mail.sender_address, "@${coalesce(var.mail.sender_identity, "-")}") || endswith(var.mail.sender_address, ".${coalesce(var.mail.sender_identity, "-")}")
    error_message = "mail.sender_identity must be mail.sender_address or a domain that it is in: SES sends from no other."
  }
  validation {
    condition     = can(regex("^(rate|cron)\\(.+\\)$", var.mail.report_schedule))
    error_message = "mail.report_schedule must be rate(…) or cron(…)."
  }
}

variable "recipients" {
  description = <<-EOT
    Those who are written to.
    - messages_per_hour: messages that one recipient gets within an hour of the clock.
    - acknowledgements_per_day: acknowledgements of POST /contact that one recipient gets within a day of UTC; what else comes in his name is acknowledged to nobody.
    - deletion_protection: whether the table of recipients, with the suppression list, refuses to be deleted.
  EOT
  type = object({
    messages_per_hour        = optional(number, 20)
    acknowledgements_per_day = optional(number, 2)
    deletion_protection      = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for limit in [var.recipients.messages_per_hour, var.recipients.acknowledgements_per_day] : contains(range(1, 1001), limit)])
    error_message = "recipients.messages_per_hour and acknowledgements_per_day must be whole numbers from 1 to 1000."
  }
  validation {
    condition     = var.environment != "production" || var.recipients.deletion_protection
    error_message = "recipients.deletion_protection must be true in production: a destroy would forget who must not be written to."
  }
}

variable "sms" {
  description = <<-EOT
    Text messages, by SNS.
    - enabled: whether POST /messages takes channel sms. An account that has never sent any is in SNS's sandbox, where only verified numbers can be written to.
    - highest_price_usd: what one message may cost; SNS does not send what would cost more. What the limit is counted in.
    - monthly_limit_usd: what this stack's messages may cost in a month of UTC. The account's own limit is terraform/bootstrap's.
  EOT
  type = object({
    enabled           = optional(bool, false)
    highest_price_usd = optional(number, 0.1)
    monthly_limit_usd = optional(number, 1)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for usd in [var.sms.highest_price_usd, var.sms.monthly_limit_usd] : usd >= 0.001 && usd * 1000 == floor(usd * 1000)])
    error_message = "sms.highest_price_usd and monthly_limit_usd must be thousandths of a dollar, and at least one."
  }
  validation {
    condition     = var.sms.highest_price_usd <= min(10, var.sms.monthly_limit_usd) && var.sms.monthly_limit_usd <= 100000
    error_message = "sms.highest_price_usd must be at most 10 and not above monthly_limit_usd, which must be at most 100000."
  }
}

variable "api" {
  description = <<-EOT
    The API.
    - cors_allow_origin: the origin whose pages may read answers, such as https://feedback.example.com; null: the stack's own site. "*" is refused in production.
    - throttle: requests per second and burst that each operation accepts.
    - throttles: the same of single operations, by operationId. POST /contact, which anybody may call, sends two e-mails a request: without a limit of its own it would take the account's quota of SES from the customers' messages.
    - usage_plans: what a key of each plan may use; quota per DAY, WEEK or MONTH.
    - api_keys: name => plan. AWS makes the values (output api_key_values).
    - account_logging_ready: whether the account has the role with which API Gateway writes logs (terraform/bootstrap makes it); without it AWS refuses access logs.
  EOT
  type = object({
    cors_allow_origin = optional(string)
    throttle          = optional(object({ rate_limit = number, burst_limit = number }), { rate_limit = 5000, burst_limit = 1000 })
    throttles         = optional(map(object({ rate_limit = number, burst_limit = number })), { submitContact = { rate_limit = 2, burst_limit = 20 } })
    usage_plans = optional(map(object({
      rate_limit  = number
      burst_limit = number
      quota       = optional(object({ limit = number, period = string }))
      })), {
      free    = { rate_limit = 5, burst_limit = 10, quota = { limit = 10000, period = "MONTH" } }
      basic   = { rate_limit = 50, burst_limit = 100, quota = { limit = 500000, period = "MONTH" } }
      premium = { rate_limit = 500, burst_limit = 1000, quota = { limit = 10000000, period = "MONTH" } }
    })
    api_keys              = optional(map(object({ plan = string })), {})
    account_logging_ready = optional(bool, true)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.api.cors_allow_origin == null || var.api.cors_allow_origin == "*" || can(regex("^https?://[A-Za-z0-9.-]+(:[0-9]+)?$", var.api.cors_allow_origin))
    error_message = "api.cors_allow_origin must be one origin, such as https://feedback.example.com, without a path, or \"*\"."
  }
  validation {
    condition     = var.environment != "production" || var.api.cors_allow_origin == null || startswith(coalesce(var.api.cors_allow_origin, "-"), "https://")
    error_message = "api.cors_allow_origin must be the site's own https origin in production."
  }
  validation {
    condition     = var.api.throttle.rate_limit <= 10000
    error_message = "api.throttle.rate_limit must be at most 10000: the ledger that makes counting exactly-once holds 12,000 new items per second."
  }
  validation {
    condition     = alltrue([for key in values(var.api.api_keys) : contains(keys(var.api.usage_plans), key.plan)])
    error_message = "Every plan in api.api_keys must be one of api.usage_plans."
  }
}

variable "api_key_values" {
  description = "Values of API keys whose value must be known beforehand, name => value of 20 or more characters. AWS makes the others."
  type        = map(string)
  default     = {}
  sensitive   = true
  nullable    = false

  validation {
    condition     = alltrue([for value in values(var.api_key_values) : length(value) >= 20])
    error_message = "Every value in api_key_values must have at least 20 characters."
  }
}

variable "reserved_concurrency" {
  description = "Concurrent executions reserved for a function, by handler name (feedback_processor, stream_aggregator, …): a limit and a guarantee. Functions not named share the account's pool."
  type        = map(number)
  default     = {}
  nullable    = false
}

variable "monitoring" {
  description = <<-EOT
    Who is told what, from when on.
    - subscriptions: by name: topics (critical, warning, deployments), protocol (email, https, sms, sqs), endpoint; one that is a secret goes into subscription_endpoints.
    - slack: team_id and channel_id of a channel, and topics (all three); the workspace must be connected to Amazon Q Developer in chat applications.
    - rules: what is to be otherwise than in modules/monitoring/README.md, by kind of alarm: enabled, severity, threshold, period (seconds), periods.
    - budget: monthly amount in USD for this suffix, and per cent at which the warning topic hears, as spent (actual) and as expected (forecast).
    - cost_anomaly: warning when a day costs so many per cent more than usual, and at least minimum_usd more.
  EOT
  type = object({
    subscriptions = optional(map(object({
      topics   = optional(set(string), ["critical"])
      protocol = string
      endpoint = optional(string)
    })), {})
    slack = optional(object({
      team_id    = string
      channel_id = string
      topics     = optional(set(string), ["critical", "warning", "deployments"])
    }))
    rules = optional(map(object({
      enabled   = optional(bool, true)
      severity  = optional(string)
      threshold = optional(number)
      period    = optional(number)
      periods   = optional(number)
    })), {})
    budget = optional(object({
      amount   = number
      actual   = optional(set(number), [80, 100])
      forecast = optional(set(number), [100])
    }))
    cost_anomaly = optional(object({
      percent     = optional(number, 20)
      minimum_usd = optional(number, 1)
    }))
  })
  default  = {}
  nullable = false
}

variable "subscription_endpoints" {
  description = "Endpoints of monitoring.subscriptions that are secrets, such as a PagerDuty URL with its integration key, by the subscription's name."
  type        = map(string)
  default     = {}
  sensitive   = true
  nullable    = false
}

variable "tasks" {
  description = <<-EOT
    The task tracker.
    - list_shards: partitions of every index, so that none takes all writes. May be raised at any time; lowering it hides tasks from lists until they are written again.
    - reminder_lead_minutes: how long before its due date the team is reminded of a task that is not completed.
    - activity_retention_days: days after which an entry of a task's activity expires.
    - deletion_protection: whether the tables of tasks and of activity refuse to be deleted.
  EOT
  type = object({
    list_shards             = optional(number, 4)
    reminder_lead_minutes   = optional(number, 60)
    activity_retention_days = optional(number, 90)
    deletion_protection     = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(range(1, 17), var.tasks.list_shards)
    error_message = "tasks.list_shards must be a whole number from 1 to 16: every one is a read of its own."
  }
  validation {
    condition     = var.tasks.activity_retention_days >= 1 && var.tasks.activity_retention_days <= 3650
    error_message = "tasks.activity_retention_days must be 1 to 3650."
  }
  validation {
    condition     = var.tasks.reminder_lead_minutes == floor(var.tasks.reminder_lead_minutes) && var.tasks.reminder_lead_minutes >= 1 && var.tasks.reminder_lead_minutes <= 43200
    error_message = "tasks.reminder_lead_minutes must be a whole number from 1 to 43200, which is 30 days."
  }
  validation {
    condition     = var.environment != "production" || var.tasks.deletion_protection
    error_message = "tasks.deletion_protection must be true in production: a destroy would take all tasks with it."
  }
}

variable "site" {
  description = <<-EOT
    The site and what stands in front of it (modules/cdn).
    - domain: its own name, certificate_arn in us-east-1 (null: one is made) and hosted_zone_id (null: its records are somebody else's to make); null: CloudFront's name.
    - geo_restriction: type whitelist or blacklist, and countries.
    - waf: enabled, requests_per_5_minutes of one address, only_count (AWS's rules refuse nothing yet).
    - logs: enabled, retention_days of access logs and the web ACL's.
    - alarms: enabled, server_error_percent, blocked_requests in five minutes. Who hears of critical alarms (monitoring.subscriptions) hears of these, by a topic of their own in us-east-1.
    - hsts: max_age_seconds, include_subdomains, preload.
    - analytics_seconds: for how long CloudFront keeps an answer of GET /api/analytics.
    - price_class: from where it is served, see modules/cdn.
    - retired_days: days for which files of an earlier build stay.
    - deletion_protection: whether a destroy stops at a bucket that holds something.
  EOT
  type = object({
    domain = optional(object({
      name            = string
      certificate_arn = optional(string)
      hosted_zone_id  = optional(string)
    }))
    geo_restriction = optional(object({
      type      = optional(string, "none")
      countries = optional(set(string), [])
    }), {})
    waf = optional(object({
      enabled                = optional(bool, false)
      requests_per_5_minutes = optional(number, 2000)
      only_count             = optional(bool, false)
    }), {})
    logs = optional(object({
      enabled        = optional(bool, true)
      retention_days = optional(number, 90)
    }), {})
    alarms = optional(object({
      enabled              = optional(bool, true)
      server_error_percent = optional(number, 1)
      blocked_requests     = optional(number, 500)
    }), {})
    hsts = optional(object({
      max_age_seconds    = optional(number, 63072000)
      include_subdomains = optional(bool, true)
      preload            = optional(bool, false)
    }), {})
    analytics_seconds   = optional(number, 60)
    price_class         = optional(string, "PriceClass_100")
    retired_days        = optional(number, 30)
    deletion_protection = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.environment != "production" || var.site.waf.enabled
    error_message = "site.waf.enabled must be true in production: nothing else stops one address from asking for everything that the API's limit has."
  }
  validation {
    condition     = var.environment != "production" || var.site.deletion_protection
    error_message = "site.deletion_protection must be true in production: a destroy would take its access logs with it."
  }
}
