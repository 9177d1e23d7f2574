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

# How messages leave, and how their fate comes back.
module "mail" {
  source = "../modules/mail"

  name        = local.configuration_set
  topic_name  = "email-events-${local.suffix}"
  kms_key_arn = module.monitoring.kms_key_arn

  require_tls = var.emulator_endpoint == null
  tags        = local.tags
}

locals {
  # The step that sends text messages, by its alias; none while there are none.
  sms_function = var.sms.enabled ? "${local.function_arns["send_sms"]}:live" : ""

  sms_functions = var.sms.enabled ? {
    send_sms = {
      description = "Step of the workflow: sends one text message, at most once."
      timeout     = 105 # as send_email
      environment = merge(local.message_store, {
        RECIPIENTS_TABLE_NAME = module.recipients_table.name
        SMS_HIGHEST_PRICE     = var.sms.highest_price_usd * 1000
        SMS_MONTHLY_LIMIT     = var.sms.monthly_limit_usd * 1000
      })
      permissions = {
        ClaimMessages = {
          actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
          resources = [module.messages_table.arn]
        }
        AskSuppressionListAndPay = {
          actions   = ["dynamodb:GetItem", "dynamodb:UpdateItem"]
          resources = [module.recipients_table.arn]
        }
      }
      permissions_without_arn = {
        SendTexts = {
          actions = ["sns:Publish"]
          reason  = "a phone number has no ARN, and no condition key of SNS's names one"
          # Else it could publish to every topic of the account.
          except = ["arn:${data.aws_partition.current.partition}:sns:*:*:*"]
        }
      }
    }
  } : null

  mail_functions = merge(local.sms_functions, {
    record_email_events = {
      description = "SES's events: what became of messages, and who must not be written to any more."
      environment = {
        MESSAGES_TABLE_NAME     = module.messages_table.name
        MESSAGES_RETENTION_DAYS = var.messages.retention_days
        RECIPIENTS_TABLE_NAME   = module.recipients_table.name
      }
      permissions = {
        RecordEvents = {
          actions   = ["dynamodb:ConditionCheckItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
          resources = [module.messages_table.arn]
        }
        SuppressRecipients = {
          actions   = ["dynamodb:UpdateItem"]
          resources = [module.recipients_table.arn]
        }
      }
      dead_letter_queue = {}
      topics            = { Events = { topic_arn = module.mail.topic_arn } }
    }

    unsubscribe = {
      description = "/unsubscribe/{messageId}/{token}: the recipient of a message wants no more."
      environment = {
        MESSAGES_TABLE_NAME     = module.messages_table.name
        MESSAGES_RETENTION_DAYS = var.messages.retention_days
        RECIPIENTS_TABLE_NAME   = module.recipients_table.name
        TEAM_INBOX              = local.team_inbox
      }
      permissions = {
        FindMessageAndRecord = {
          actions   = ["dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem"]
          resources = [module.messages_table.arn]
        }
        SuppressRecipient = {
          actions   = ["dynamodb:GetItem", "dynamodb:UpdateItem"]
          resources = [module.recipients_table.arn]
        }
      }
    }

    report_failed_messages = {
      description = "Every night: which messages failed, and which wait for long."
      timeout     = 60
      environment = {
        MESSAGES_TABLE_NAME = module.messages_table.name
        REPORT_TOPIC_ARN    = local.topic_arns.warning
      }
      permissions = merge(
        {
          # No address and no text: the index holds neither.
          FindFailed = {
            actions   = ["dynamodb:Query"]
            resources = [module.messages_table.index_arns["attention"]]
          }
          TellPeople = { actions = ["sns:Publish"], resources = [local.topic_arns.warning] }
        },
        { for name, permission in local.notify : name => permission if name == "EncryptNotices" },
      )
      key_services      = ["sns"]
      dead_letter_queue = {}
      schedules         = { nightly = { expression = var.mail.report_schedule } }
    }
  })
  mail_operations = {
    unsubscribe     = "unsubscribe"
    showUnsubscribe = "unsubscribe"
  }
  mail_tables = { recipients = module.recipients_table }

  # SES encrypts with the topics' key what it publishes.
  mail_key_users = { Mail = { service = "ses.amazonaws.com", sources = [local.configuration_set_arn] } }

  # Half of the rates at which SES puts an account under review, and of the account: whoever sends too many
  # letters nobody wants, all stacks of it are stopped.
  mail_alarms = {
    bounce-rate = {
      description = "More than 2.5 % of the account's e-mail bounces; at 5 % SES puts the account under review."
      metrics     = { rate = { namespace = "AWS/SES", name = "Reputation.BounceRate", statistic = "Maximum" } }
      threshold   = 0.025
      period      = 3600
    }
    complaint-rate = {
      description = "More than 0.05 % of the account's e-mail is complained of; at 0.1 % SES puts the account under review."
      metrics     = { rate = { namespace = "AWS/SES", name = "Reputation.ComplaintRate", statistic = "Maximum" } }
      threshold   = 0.0005
      period      = 3600
    }
  }

  # What a function is told that counts for recipients (lambda_src/customer_platform/messages/limits.py).
  recipient_limits = {
    RECIPIENTS_TABLE_NAME    = module.recipients_table.name
    MESSAGES_PER_HOUR        = var.recipients.messages_per_hour
    ACKNOWLEDGEMENTS_PER_DAY = var.recipients.acknowledgements_per_day
  }
}
