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
  message_workflow_name = "customer-message-${local.suffix}"
  message_workflow_arn  = "arn:${data.aws_partition.current.partition}:states:${var.aws_region}:${local.account}:stateMachine:${local.message_workflow_name}"
  message_queue_name    = "messages-dlq-${local.suffix}"
  message_queue_arn     = "arn:${data.aws_partition.current.partition}:sqs:${var.aws_region}:${local.account}:${local.message_queue_name}"
  message_queue_url     = "https://sqs.${var.aws_region}.${data.aws_partition.current.dns_suffix}/${local.account}/${local.message_queue_name}"

  # Of the API's id alone: its stage depends on the functions, and they would depend on it.
  public_api_url = (
    var.emulator_endpoint == null
    ? "https://${module.api.id}.execute-api.${var.aws_region}.${data.aws_partition.current.dns_suffix}/prod"
    : "${var.emulator_endpoint}/restapis/${module.api.id}/prod/_user_request_"
  )

  # What every function that keeps messages is told, and that hands them in.
  message_store = {
    MESSAGES_TABLE_NAME     = module.messages_table.name
    MESSAGES_RETENTION_DAYS = var.messages.retention_days
  }
  message_outbox = merge(local.message_store, local.recipient_limits, {
    MESSAGE_WORKFLOW_ARN = local.message_workflow_arn
  })
  submit_messages = {
    StoreMessages = {
      actions   = ["dynamodb:PutItem"]
      resources = [module.messages_table.arn]
    }
    CountForRecipients = {
      actions   = ["dynamodb:UpdateItem"]
      resources = [module.recipients_table.arn]
    }
    StartWorkflow = {
      actions   = ["states:StartExecution"]
      resources = [local.message_workflow_arn]
    }
  }

  message_functions = {
    submit_message = {
      description = "POST /messages: accepts one message and starts its workflow."
      environment = merge(local.message_outbox, { SMS = var.sms.enabled ? "on" : "off" })
      permissions = local.submit_messages
    }

    get_message = {
      description = "GET /messages/{messageId}: what became of a message."
      environment = local.message_store
      permissions = {
        ReadMessages = { actions = ["dynamodb:Query"], resources = [module.messages_table.arn] }
      }
    }

    submit_contact = {
      description = "POST /contact: a visitor's message to the team."
      environment = merge(local.message_outbox, { TEAM_INBOX = local.team_inbox })
      permissions = local.submit_messages
    }

    get_contact = {
      description = "GET /contact/{messageId}: whether the team was written to."
      environment = local.message_store
      permissions = {
        ReadState = { actions = ["dynamodb:GetItem"], resources = [module.messages_table.arn] }
      }
    }

    send_email = {
      description = "Step of the workflow: sends one e-mail, at most once."
      timeout     = 105 # what SES may take, and two tables with their retries, the patient ones too (sending.py)
      environment = merge(local.message_store, {
        RECIPIENTS_TABLE_NAME = module.recipients_table.name
        SENDER_ADDRESS        = local.sender
        CONFIGURATION_SET     = local.configuration_set
        UNSUBSCRIBE_URL       = "${local.public_api_url}/unsubscribe"
      })
      permissions = {
        ClaimMessages = {
          actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
          resources = [module.messages_table.arn]
        }
        AskSuppressionList = {
          actions   = ["dynamodb:GetItem"]
          resources = [module.recipients_table.arn]
        }
        SendMail = {
          actions   = ["ses:SendEmail"]
          resources = [local.sender_identity_arn, local.configuration_set_arn]
          conditions = [
            { test = "StringEquals", variable = "ses:FromAddress", values = [local.sender] },
          ]
        }
      }
      permissions_without_arn = var.emulator_endpoint == null ? {} : {
        SendMailHere = {
          actions = ["ses:SendEmail"]
          reason  = "the embedded cloud asks for it on no identity and knows no FromAddress; AWS does, above"
        }
      }
    }

    settle_message = {
      description = "Step of the workflow: what could not be sent is failed, and told of."
      environment = merge(local.message_store, {
        MESSAGE_DEAD_LETTER_QUEUE_URL = local.message_queue_url
      })
      permissions = {
        FailMessages = {
          actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
          resources = [module.messages_table.arn]
        }
        SendMessageDeadLetters = {
          actions   = ["sqs:SendMessage"]
          resources = [local.message_queue_arn]
        }
      }
    }
  }

  message_operations = {
    submitMessage = "submit_message"
    getMessage    = "get_message"
    submitContact = "submit_contact"
    getContact    = "get_contact"
  }
  message_tables    = { messages = module.messages_table }
  message_workflows = { customer-message = module.customer_message }
  message_queues    = { messages = aws_sqs_queue.failed_messages.name }
}

# Messages that were not sent, and that somebody should look at: {messageId, reason}.
resource "aws_sqs_queue" "failed_messages" {
  name                      = local.message_queue_name
  message_retention_seconds = 1209600 # 14 days, the most

  # One of the two; the provider refuses both.
  sqs_managed_sse_enabled = var.kms_key_arn == null ? true : null
  kms_master_key_id       = var.kms_key_arn

  # Here and not in a resource of its own, which would wait another 25 s to settle.
  policy = var.emulator_endpoint == null ? data.aws_iam_policy_document.failed_messages.json : null

  tags = local.tags
}

data "aws_iam_policy_document" "failed_messages" {
  statement {
    sid       = "RefuseUnencryptedTransport"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [local.message_queue_arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

module "customer_message" {
  source = "../modules/workflow"

  name      = local.message_workflow_name
  role_name = "states-customer-message-role-${local.suffix}"
  definition = jsonencode(yamldecode(templatefile("${path.module}/workflows/customer_message/definition.asl.yaml.tftpl", {
    partition             = data.aws_partition.current.partition
    email_function        = "${local.function_arns["send_email"]}:live"
    sms_function          = local.sms_function
    settle_function       = "${local.function_arns["settle_message"]}:live"
    dead_letter_queue_url = local.message_queue_url
    throttled             = var.messages.throttled
    doubt                 = var.messages.doubt
    settle_attempts       = var.messages.settle_attempts
    # All waits at their longest, and nine minutes for each step with its retries; and once as long as
    # no function is free.
    timeout = (
      2 * var.messages.throttled.attempts * (var.messages.throttled.longest_seconds + 540)
      + var.messages.doubt.attempts * (var.messages.doubt.seconds + 540) + 3600
    )
  })))

  permissions = {
    RunSteps = {
      actions = ["lambda:InvokeFunction"]
      resources = concat(
        [for handler in ["send_email", "settle_message"] : "${local.function_arns[handler]}:live"],
        compact([local.sms_function]),
      )
    }
    SendDeadLetters = {
      actions   = ["sqs:SendMessage"]
      resources = [local.message_queue_arn]
    }
  }
  key_services = ["sqs"]

  log_retention_days = var.log_retention_days
  kms_key_arn        = var.kms_key_arn
  alarm_actions      = [local.topic_arns.critical]
  tracing            = var.emulator_endpoint == null # the embedded cloud does not tell whether it is on
  require_tls        = var.emulator_endpoint == null
  tags               = local.tags
}
