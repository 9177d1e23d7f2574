variable "aws_region" {
  description = "Region of the stacks; the state bucket lies there too."
  type        = string
  default     = "us-west-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "aws_region must be the name of a region, such as us-west-1."
  }
}

variable "project_name" {
  description = "Project name, the beginning of every name here."
  type        = string
  default     = "feedback-system"
  nullable    = false

  # 31: PROJECT-terraform-state-ACCOUNT must stay within the 63 characters of a bucket.
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.project_name))
    error_message = "project_name must be 2 to 31 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "state_bucket_name" {
  description = "Name of the state bucket; null: PROJECT-terraform-state-ACCOUNT."
  type        = string
  default     = null

  validation {
    condition     = var.state_bucket_name == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.state_bucket_name))
    error_message = "state_bucket_name must be 3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit at both ends."
  }
}

variable "old_state_days" {
  description = "Days after which old versions of a state go; the newest ten stay."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.old_state_days >= 1 && floor(var.old_state_days) == var.old_state_days
    error_message = "old_state_days must be a whole number of at least 1."
  }
}

variable "create_kms_key" {
  description = "Whether to make a customer-managed key for data and logs: $1 a month, and $0.03 per 10,000 requests. Without it AWS's own keys encrypt."
  type        = bool
  default     = false
  nullable    = false
}

variable "sender_identity" {
  description = "Whom messages are from: a domain (better: signed by DKIM, any address of it may send) or one e-mail address, to be verified with SES in this region. Null: none, or one that is there already."
  type        = string
  default     = null

  validation {
    condition     = var.sender_identity == null || can(regex("^([A-Za-z0-9._+-]+@)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.sender_identity))
    error_message = "sender_identity must be a domain, such as mail.example.com, or an e-mail address."
  }
}

variable "mail_from_subdomain" {
  description = "Label under a sender_identity that is a domain, to which bounces go: bounce makes bounce.mail.example.com. Null: Amazon's own host."
  type        = string
  default     = "bounce"

  validation {
    condition     = var.mail_from_subdomain == null || can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", var.mail_from_subdomain))
    error_message = "mail_from_subdomain must be a label of lower-case letters, digits and hyphens."
  }
}

variable "sms_monthly_spend_limit" {
  description = "USD per month after which SNS sends no more text messages in this region, whoever asks. Not above the account's quota, $1 until AWS raises it. Null: left as it is."
  type        = number
  default     = null

  validation {
    condition     = var.sms_monthly_spend_limit == null || try(var.sms_monthly_spend_limit >= 0 && floor(var.sms_monthly_spend_limit) == var.sms_monthly_spend_limit, false)
    error_message = "sms_monthly_spend_limit must be a whole number of USD."
  }
}

variable "api_gateway_log_groups" {
  description = "Log groups, with * as a wildcard, that API Gateway may write. Add to them if other APIs of this account and region log elsewhere: they share the role."
  type        = list(string)
  default     = ["API-Gateway-Execution-Logs_*", "/aws/apigateway/*"]
  nullable    = false

  validation {
    condition     = length(var.api_gateway_log_groups) > 0 && !contains(var.api_gateway_log_groups, "*")
    error_message = "api_gateway_log_groups must name groups, and not only *."
  }
}
