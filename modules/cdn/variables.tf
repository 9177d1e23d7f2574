variable "name" {
  description = "Name of the distribution's parts, suffix included: policies, access control, web ACL and log delivery are called so, functions at the edge and alarms begin with it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,47}$", var.name))
    error_message = "name must be 1 to 48 letters, digits, hyphens and underscores: a function at the edge adds 15, and may have 64."
  }
}

variable "names" {
  description = <<-EOT
    Names of what needs one in the whole world or a region, suffix included.
    - bucket: holds the site.
    - log_bucket: holds access logs and the web ACL's, in CloudFront's region; AWS WAF writes only where the name begins with aws-waf-logs-.
    - topic: hears of alarms, in CloudFront's region.
  EOT
  type = object({
    bucket     = string
    log_bucket = string
    topic      = string
  })
  nullable = false

  validation {
    condition     = alltrue([for name in [var.names.bucket, var.names.log_bucket] : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", name))])
    error_message = "names.bucket and names.log_bucket must be 3 to 63 lower-case letters, digits and hyphens; a dot would break TLS between CloudFront and S3."
  }
  validation {
    condition     = !var.waf.enabled || startswith(var.names.log_bucket, "aws-waf-logs-")
    error_message = "names.log_bucket must begin with aws-waf-logs-: AWS WAF writes nowhere else."
  }
  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,256}$", var.names.topic))
    error_message = "names.topic must be 1 to 256 letters, digits, hyphens and underscores."
  }
}

variable "api" {
  description = <<-EOT
    The API that answers under /api, without that prefix.
    - domain_name: its host, such as ID.execute-api.REGION.amazonaws.com.
    - origin_path: what stands before every path, such as /prod for a stage.
    - port, protocol: https-only on 443, or http-only where there is nothing else, which is the embedded cloud.
  EOT
  type = object({
    domain_name = string
    origin_path = optional(string, "")
    port        = optional(number, 443)
    protocol    = optional(string, "https-only")
  })
  nullable = false

  validation {
    condition     = contains(["http-only", "https-only"], var.api.protocol)
    error_message = "api.protocol must be https-only or http-only."
  }
  validation {
    condition     = var.api.origin_path == "" || can(regex("^/.*[^/]$", var.api.origin_path))
    error_message = "api.origin_path must be empty, or begin with a slash and end without one."
  }
  validation {
    condition     = var.api.port == floor(var.api.port) && (contains([80, 443], var.api.port) || (var.api.port >= 1024 && var.api.port <= 65535))
    error_message = "api.port must be 80, 443, or from 1024 to 65535: CloudFront connects to no other."
  }
  validation {
    condition     = !can(regex("[:/]", var.api.domain_name))
    error_message = "api.domain_name must be a host name alone, without protocol, port and path."
  }
}

variable "cached_paths" {
  description = "Paths under /api whose answers to GET are kept, and for how many seconds; query strings tell them apart, nothing else does. An answer that forbids it is not kept, nor is an error."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for path in keys(var.cached_paths) : startswith(path, "/api/")])
    error_message = "cached_paths must begin with /api/: files say themselves how long they may be kept."
  }
  validation {
    condition     = alltrue([for seconds in values(var.cached_paths) : seconds >= 1 && seconds <= 3600 && floor(seconds) == seconds])
    error_message = "cached_paths must be kept for a whole number of seconds from 1 to 3600."
  }
}

variable "settings" {
  description = "What config.json tells the site: published with the stack, never cached, read by everybody."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "headers" {
  description = <<-EOT
    Headers that tell browsers what the site may do.
    - content_security_policy: directive => its sources, of pages and files.
    - hsts: for how long browsers insist on HTTPS, whether for the domain's subdomains too, and whether browser makers may put it on their list (preload, which is hard to undo).
  EOT
  type = object({
    content_security_policy = optional(map(list(string)), {
      default-src     = ["'none'"]
      script-src      = ["'self'"]
      style-src       = ["'self'"]
      img-src         = ["'self'", "data:"]
      font-src        = ["'self'"]
      connect-src     = ["'self'"]
      manifest-src    = ["'self'"]
      worker-src      = ["'self'"]
      base-uri        = ["'none'"]
      form-action     = ["'self'"]
      frame-ancestors = ["'none'"]
      # No text becomes a script; the one address that may is what the policy named "site" lets through.
      require-trusted-types-for = ["'script'"]
      trusted-types             = ["site"]
    })
    hsts = optional(object({
      max_age_seconds    = optional(number, 63072000)
      include_subdomains = optional(bool, true)
      preload            = optional(bool, false)
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = !anytrue([for sources in values(var.headers.content_security_policy) : anytrue([for source in sources : contains(["'unsafe-inline'", "'unsafe-eval'", "*"], source)])])
    error_message = "headers.content_security_policy must not hold 'unsafe-inline', 'unsafe-eval' or *: each of them lets in what the policy is there to keep out."
  }
  validation {
    condition     = contains(keys(var.headers.content_security_policy), "default-src")
    error_message = "headers.content_security_policy must have a default-src: what is not named would be allowed."
  }
  validation {
    condition     = !var.headers.hsts.preload || (var.headers.hsts.include_subdomains && var.headers.hsts.max_age_seconds >= 31536000)
    error_message = "headers.hsts.preload needs include_subdomains and a year (31536000) at least: browser makers refuse it otherwise."
  }
}

variable "domain" {
  description = <<-EOT
    The site's own name; null: CloudFront's.
    - name: such as feedback.example.com.
    - certificate_arn: certificate of that name in CloudFront's region; null: one is made, and proven by a record in the hosted zone.
    - hosted_zone_id: Route 53 zone in which the name's records are made; null: they are somebody else's to make.
  EOT
  type = object({
    name            = string
    certificate_arn = optional(string)
    hosted_zone_id  = optional(string)
  })
  default = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$", var.domain.name))
    error_message = "domain.name must be a host name in lower case, such as feedback.example.com."
  }
  validation {
    condition     = try(var.domain.certificate_arn, null) == null || can(regex("^arn:[a-z-]+:acm:", var.domain.certificate_arn))
    error_message = "domain.certificate_arn must be the ARN of a certificate of ACM's."
  }
  validation {
    condition     = var.domain == null || try(var.domain.certificate_arn, null) != null || try(var.domain.hosted_zone_id, null) != null
    error_message = "domain needs certificate_arn, or hosted_zone_id to prove a new certificate with."
  }
}

variable "geo_restriction" {
  description = "Countries (ISO 3166-1 alpha-2, capitals) from which alone the site may be opened (type whitelist) or may not (blacklist)."
  type = object({
    type      = optional(string, "none")
    countries = optional(set(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["none", "whitelist", "blacklist"], var.geo_restriction.type)
    error_message = "geo_restriction.type must be none, whitelist or blacklist."
  }
  validation {
    condition     = (var.geo_restriction.type == "none") == (length(var.geo_restriction.countries) == 0)
    error_message = "geo_restriction needs countries for whitelist and blacklist, and none without."
  }
  validation {
    condition     = alltrue([for country in var.geo_restriction.countries : can(regex("^[A-Z]{2}$", country))])
    error_message = "geo_restriction.countries must be codes of two capitals, such as DE."
  }
}

variable "waf" {
  description = <<-EOT
    The web ACL.
    - enabled: whether there is one.
    - requests_per_5_minutes: what one address may ask for; more is answered with 429.
    - only_count: whether AWS's managed rules count what they would refuse, to look at before they do.
  EOT
  type = object({
    enabled                = optional(bool, false)
    requests_per_5_minutes = optional(number, 2000)
    only_count             = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.waf.requests_per_5_minutes >= 10 && var.waf.requests_per_5_minutes <= 100000 && floor(var.waf.requests_per_5_minutes) == var.waf.requests_per_5_minutes
    error_message = "waf.requests_per_5_minutes must be a whole number from 10 to 100000."
  }
}

variable "logs" {
  description = <<-EOT
    Access logs, and how long they and the web ACL's are kept.
    - enabled: whether requests are logged.
    - retention_days: days after which a log is deleted.
    - fields: what is written of a request. Left out on purpose: c-ip, c-port, x-forwarded-for (who), cs(Cookie), cs-uri-query and cs(Referer) (what somebody searched for or followed) and cs(User-Agent), which beside a time tells people apart.
  EOT
  type = object({
    enabled        = optional(bool, true)
    retention_days = optional(number, 90)
    fields = optional(list(string), [
      "date", "time", "x-edge-location", "x-edge-request-id", "x-host-header", "cs-protocol", "cs-protocol-version",
      "cs-method", "cs-uri-stem", "sc-status", "sc-bytes", "cs-bytes", "sc-content-type", "time-taken",
      "time-to-first-byte", "x-edge-result-type", "x-edge-response-result-type", "x-edge-detailed-result-type",
      "ssl-protocol", "ssl-cipher",
    ])
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.logs.retention_days >= 1 && var.logs.retention_days <= 3650 && floor(var.logs.retention_days) == var.logs.retention_days
    error_message = "logs.retention_days must be a whole number from 1 to 3650."
  }
  validation {
    condition     = length(setintersection(var.logs.fields, ["c-ip", "c-port", "x-forwarded-for", "cs(Cookie)", "cs-uri-query", "cs(Referer)", "cs(User-Agent)"])) == 0
    error_message = "logs.fields must not hold c-ip, c-port, x-forwarded-for, cs(Cookie), cs-uri-query, cs(Referer) or cs(User-Agent): they tell who somebody is."
  }
}

variable "alarms" {
  description = <<-EOT
    Alarms on errors and on what the web ACL refuses, with a topic of their own in the region where CloudFront counts.
    - enabled: whether there are any.
    - server_error_percent: share of requests answered with 5xx.
    - blocked_requests: requests that the web ACL refuses in five minutes.
    - subscriptions: by name: protocol and endpoint of who hears; one that is a secret goes into alarm_endpoints.
  EOT
  type = object({
    enabled              = optional(bool, true)
    server_error_percent = optional(number, 1)
    blocked_requests     = optional(number, 500)
    subscriptions = optional(map(object({
      protocol = string
      endpoint = optional(string)
    })), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.alarms.server_error_percent > 0 && var.alarms.server_error_percent <= 100
    error_message = "alarms.server_error_percent must be above 0 and at most 100."
  }
}

variable "alarm_endpoints" {
  description = "Endpoints of alarms.subscriptions that are secrets, by the subscription's name."
  type        = map(string)
  default     = {}
  sensitive   = true
  nullable    = false
}

variable "price_class" {
  description = "Where the site is served from: PriceClass_100 (Europe, North America), PriceClass_200 (Asia, Africa, the Middle East too) or PriceClass_All."
  type        = string
  default     = "PriceClass_100"
  nullable    = false

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "price_class must be PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "retired_days" {
  description = "Days for which files of an earlier build stay after the publisher has retired them: tabs that are open ask for them."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains(range(1, 366), var.retired_days)
    error_message = "retired_days must be a whole number from 1 to 365."
  }
}

variable "noncurrent_version_days" {
  description = "Days for which an overwritten or deleted object can be brought back."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains(range(1, 366), var.noncurrent_version_days)
    error_message = "noncurrent_version_days must be a whole number from 1 to 365."
  }
}

variable "force_destroy" {
  description = "Whether a destroy deletes the buckets with what is in them; otherwise S3 refuses while there is anything."
  type        = bool
  default     = false
  nullable    = false
}

variable "require_tls" {
  description = "Whether visitors and the bucket's readers must use HTTPS. False only where there is nothing else: the embedded cloud."
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
