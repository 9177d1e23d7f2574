# Customer communication: messages, the workflow that sends them, contact requests.

module "messages_table" {
  source = "../modules/dynamo"

  # A message is its record and an item for each state that it went through.
  name      = "messages-${local.suffix}"
  hash_key  = { name = "messageId", type = "S" }
  range_key = { name = "entry", type = "S" }
  ttl       = "expiresAt"

  # What is queued or failed, by the day of its creation: only such records have an attentionDay. No
  # address, and nothing that somebody wrote.
  indexes = {
    attention = {
      hash_key   = "attentionDay"
      range_key  = "messageId"
      projection = ["status", "reason", "channel", "createdAt", "updatedAt"]
    }
  }

  deletion_protection = var.messages.deletion_protection
  kms_key_arn         = var.kms_key_arn
  tags                = local.tags
}

locals {
  sender     = var.mail.sender_address
  team_inbox = var.mail.team_inbox

  # By names that are known beforehand.
  configuration_set     = "messages-${local.suffix}"
  sender_identity_arn   = "arn:${data.aws_partition.current.partition}:ses:${var.aws_region}:${local.account}:identity/${coalesce(var.mail.sender_identity, var.mail.sender_address)}"
  configuration_set_arn = "arn:${data.aws_partition.current.partition}:ses:${var.aws_region}:${local.account}:configuration-set/${local.configuration_set}"

  message_functions  = {}
  message_operations = {}
  message_tables     = { messages = module.messages_table }
  message_workflows  = {}
}
