# What surrounds sending: the configuration set, what comes back (bounces, complaints), who must not be
# written to, text messages, the nightly report.

module "recipients_table" {
  source = "../modules/dynamo"

  # By hash of the address: what was counted of it, and whether it must not be written to.
  name      = "recipients-${local.suffix}"
  hash_key  = { name = "recipient", type = "S" }
  range_key = { name = "entry", type = "S" }
  ttl       = "expiresAt" # counts have it, the suppression list does not

  deletion_protection = var.recipients.deletion_protection
  kms_key_arn         = var.kms_key_arn
  tags                = local.tags
}

locals {
  mail_functions  = {}
  mail_operations = {}
  mail_tables     = { recipients = module.recipients_table }

  # What a function is told that counts for recipients (lambda_src/customer_platform/messages/limits.py).
  recipient_limits = {
    RECIPIENTS_TABLE_NAME    = module.recipients_table.name
    MESSAGES_PER_HOUR        = var.recipients.messages_per_hour
    ACKNOWLEDGEMENTS_PER_DAY = var.recipients.acknowledgements_per_day
  }
}
