variable "name" {
  description = "Name of the table, suffix included."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.name))
    error_message = "name must be 3 to 255 letters, digits, underscores, hyphens and dots."
  }
}

variable "hash_key" {
  description = "Partition key. Type: S (string), N (number) or B (binary)."
  type = object({
    name = string
    type = optional(string, "S")
  })
  nullable = false

  validation {
    condition     = contains(["S", "N", "B"], var.hash_key.type)
    error_message = "hash_key.type must be S, N or B."
  }
}

variable "range_key" {
  description = "Sort key; null for a table without one."
  type = object({
    name = string
    type = optional(string, "S")
  })
  default = null

  validation {
    condition     = var.range_key == null || contains(["S", "N", "B"], try(var.range_key.type, ""))
    error_message = "range_key.type must be S, N or B."
  }
}

variable "indexes" {
  description = <<-EOT
    Global secondary indexes by name.
    - hash_key, range_key: attribute names.
    - projection: attributes that the index holds besides all keys; null: every attribute, []: keys only.
    - types: type of a key attribute that is not a string and not a key of the table, for example { createdAt = "N" }.
  EOT
  type = map(object({
    hash_key   = string
    range_key  = optional(string)
    projection = optional(list(string))
    types      = optional(map(string), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.indexes) : can(regex("^[A-Za-z0-9_.-]{3,255}$", name))])
    error_message = "Names of indexes must be 3 to 255 letters, digits, underscores, hyphens and dots."
  }
  validation {
    condition     = length(var.indexes) <= 20
    error_message = "A table has at most 20 indexes."
  }
  validation {
    condition     = alltrue(flatten([for index in values(var.indexes) : [for type in values(index.types) : contains(["S", "N", "B"], type)]]))
    error_message = "Types of index keys must be S, N or B."
  }
  validation {
    condition     = alltrue(flatten([for index in values(var.indexes) : [for key in keys(index.types) : contains(compact([index.hash_key, index.range_key]), key)]]))
    error_message = "indexes.types may name key attributes of that index only: DynamoDB declares no others."
  }
}

variable "stream" {
  description = "What the table's stream shows of a change: NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES or KEYS_ONLY; null for no stream."
  type        = string
  default     = null

  validation {
    condition     = var.stream == null || contains(["NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"], coalesce(var.stream, "-"))
    error_message = "stream must be NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES, KEYS_ONLY or null."
  }
}

variable "ttl" {
  description = "Attribute that holds the epoch second after which an item expires; null for items that stay."
  type        = string
  default     = null
}

variable "point_in_time_recovery" {
  description = "Continuous backups: whether, and the days for which the table can be restored to any second (1 to 35; null: DynamoDB's 35)."
  type = object({
    enabled = optional(bool, true)
    days    = optional(number)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.point_in_time_recovery.days == null || contains(range(1, 36), coalesce(var.point_in_time_recovery.days, 0))
    error_message = "point_in_time_recovery.days must be a whole number from 1 to 35."
  }
}

variable "maximum_throughput" {
  description = "Ceiling of on-demand request units per second, a guard against a runaway bill, for the table and each index; -1 leaves one of the two without. Null: none."
  type = object({
    read  = optional(number, -1)
    write = optional(number, -1)
  })
  default = null
}

variable "deletion_protection" {
  description = "Whether DynamoDB refuses to delete the table."
  type        = bool
  default     = false
  nullable    = false
}

variable "append_only" {
  description = "Whether the table's own policy refuses, to everybody, to change or delete an item. It cannot refuse to put one over another: writers put on the condition that the key is free."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  description = "Customer-managed KMS key; null: the key that AWS owns."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of the table."
  type        = map(string)
  default     = {}
  nullable    = false
}
