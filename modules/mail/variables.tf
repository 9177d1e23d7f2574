variable "name" {
  description = "Name of the configuration set, suffix included: what every SendEmail names."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name must be 1 to 64 letters, digits, hyphens and underscores."
  }
}

variable "topic_name" {
  description = "Name of the topic of events, suffix included; null: NAME-events."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,256}$", coalesce(var.topic_name, "events")))
    error_message = "topic_name must be 1 to 256 letters, digits, hyphens and underscores."
  }
}

variable "event_types" {
  description = "What the topic is told of, in SES's words. OPEN and CLICK are refused: they put a picture and other links into every message."
  type        = set(string)
  default     = ["SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT"]
  nullable    = false

  validation {
    condition     = length(var.event_types) > 0 && length(setsubtract(var.event_types, ["SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "DELIVERY_DELAY", "RENDERING_FAILURE", "SUBSCRIPTION"])) == 0
    error_message = "event_types must be of SEND, DELIVERY, BOUNCE, COMPLAINT, REJECT, DELIVERY_DELAY, RENDERING_FAILURE and SUBSCRIPTION, and at least one."
  }
}

variable "suppressed_reasons" {
  description = "What puts an address on the account's own suppression list: BOUNCE, COMPLAINT, or both."
  type        = set(string)
  default     = ["BOUNCE", "COMPLAINT"]
  nullable    = false

  validation {
    condition     = length(setsubtract(var.suppressed_reasons, ["BOUNCE", "COMPLAINT"])) == 0
    error_message = "suppressed_reasons must be BOUNCE and COMPLAINT, or one of them, or none."
  }
}

variable "reputation_metrics" {
  description = "Whether SES gives CloudWatch the bounce and complaint rates of this configuration set, besides those of the account."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key of the topic. Its policy must let ses.amazonaws.com use kms:Decrypt and kms:GenerateDataKey, which no key of AWS's own does."
  type        = string
  nullable    = false
}

variable "require_tls" {
  description = "Whether the topic refuses to be published to over plain HTTP. False only where there is nothing else: the embedded cloud."
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
