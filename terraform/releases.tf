# Releases and rollbacks: the ledger, the workflow that moves aliases forward step by step, and the
# orchestrator that moves them back when a function's errors raise its alarm. Nothing else moves an
# alias, Terraform least of all.

module "deployments_table" {
  source = "../modules/dynamo"

  name      = "deployments-${local.suffix}"
  hash_key  = { name = "chain", type = "S" }
  range_key = { name = "sequence", type = "N" }

  # Written once: nobody in the account may change or delete an entry, whatever else allows it.
  append_only = true

  deletion_protection = var.releases.deletion_protection
  kms_key_arn         = var.kms_key_arn
  tags                = local.tags
}

locals {
  release_handlers = ["release_steps", "rollback_orchestrator"]
  release_name     = "release-${local.suffix}"

  # What an alarm on its errors rolls back: the product's functions. The orchestrator would roll
  # itself back whenever it is refused something, and a broken one could not.
  rollback_targets = { for handler in keys(local.product_functions) : local.error_alarms[handler] => local.function_names[handler] }
  rollback_arns    = [for handler in keys(local.product_functions) : local.function_arns[handler]]
  error_alarms     = { for handler in keys(local.function_names) : handler => "${replace(handler, "_", "-")}-errors-${local.suffix}" }

  # What stops a release while it bakes. All functions': a new version may make others fail.
  release_alarms = concat(values(local.error_alarms), ["api-server-errors-${local.suffix}"])

  # SNS encrypts with it in the publisher's name. A key of the account's is allowed by key_services.
  notify = merge(
    { TellPeople = { actions = ["sns:Publish"], resources = [local.topic_arns.deployments] } },
    var.kms_key_arn != null ? {} : {
      EncryptNotices = {
        actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
        resources = [module.monitoring.kms_key_arn]
        conditions = [{
          test     = "StringEquals"
          variable = "kms:ViaService"
          values   = ["sns.${var.aws_region}.${data.aws_partition.current.dns_suffix}"]
        }]
      }
    },
  )

  # The embedded cloud takes UpdateAlias and GetAlias for ListAliases.
  alias_actions_here = var.emulator_endpoint == null ? [] : ["lambda:ListAliases"]

  release_functions = {
    rollback_orchestrator = {
      description = "Critical alarms: rolls a function back to its last good version, or says why not."
      timeout     = 60
      environment = {
        DEPLOYMENTS_TABLE_NAME = module.deployments_table.name
        DEPLOYMENTS_TOPIC_ARN  = local.topic_arns.deployments
        LOOP_WINDOW_MINUTES    = var.releases.loop_window_minutes
        ROLLBACK_TARGETS       = jsonencode(local.rollback_targets)
      }
      permissions = merge({
        ReadAndAppendLedger = {
          actions   = ["dynamodb:PutItem", "dynamodb:Query"]
          resources = [module.deployments_table.arn]
        }
        MoveAliases = {
          actions   = concat(["lambda:GetAlias", "lambda:UpdateAlias"], local.alias_actions_here)
          resources = local.rollback_arns
        }
        ProbeVersions = {
          actions   = ["lambda:InvokeFunction"]
          resources = [for arn in local.rollback_arns : "${arn}:*"]
        }
      }, local.notify)
      key_services      = ["sns"]
      dead_letter_queue = {}
      topics = {
        Critical = {
          topic_arn = module.monitoring.topic_arns.critical
          # Errors of functions only; the other alarms are people's business.
          filter = jsonencode({ AlarmName = [{ suffix = "-errors-${local.suffix}" }], NewStateValue = ["ALARM"] })
        }
      }
    }

    release_steps = {
      description = "The steps of the release workflow."
      timeout     = 300 # the first one asks every function for its health, one after the other
      environment = {
        DEPLOYMENTS_TABLE_NAME = module.deployments_table.name
        DEPLOYMENTS_TOPIC_ARN  = local.topic_arns.deployments
      }
      permissions = merge({
        ReadAndAppendLedger = {
          actions   = ["dynamodb:PutItem", "dynamodb:Query"]
          resources = [module.deployments_table.arn]
        }
        MoveAliases = {
          actions   = concat(["lambda:GetAlias", "lambda:ListVersionsByFunction", "lambda:UpdateAlias"], local.alias_actions_here)
          resources = values(local.function_arns)
        }
        ProbeVersions = {
          actions   = ["lambda:InvokeFunction"]
          resources = [for arn in values(local.function_arns) : "${arn}:*"]
        }
        AskOtherExecutions = {
          actions   = ["states:DescribeExecution"]
          resources = ["arn:${data.aws_partition.current.partition}:states:${var.aws_region}:${local.account}:execution:${local.release_name}:*"]
        }
        WatchAlarms = {
          actions   = ["cloudwatch:DescribeAlarms"]
          resources = [for name in local.release_alarms : "arn:${data.aws_partition.current.partition}:cloudwatch:${var.aws_region}:${local.account}:alarm:${name}"]
        }
      }, local.notify)
      permissions_without_arn = var.emulator_endpoint == null ? {} : {
        WatchAlarmsHere = {
          actions = ["cloudwatch:DescribeAlarms"]
          reason  = "the embedded cloud knows no ARN of it; AWS does, above"
        }
      }
      key_services = ["sns"]
    }
  }
}

module "release" {
  source = "../modules/workflow"

  name      = local.release_name
  role_name = "states-release-role-${local.suffix}"
  definition = jsonencode(yamldecode(templatefile("${path.module}/workflows/release/definition.asl.yaml.tftpl", {
    partition      = data.aws_partition.current.partition
    steps_function = "${local.function_arns["release_steps"]}:live"
    functions      = jsonencode(values(local.function_names))
    alarms         = jsonencode(local.release_alarms)
    weights        = jsonencode(var.releases.weights)
    bake_seconds   = var.releases.bake_seconds
    poll_seconds   = min(15, var.releases.bake_seconds)
    # Besides the bakes: two minutes for each of the other steps, with what they try again.
    timeout = length(var.releases.weights) * var.releases.bake_seconds + 3600
  })))

  permissions = {
    RunSteps = {
      actions   = ["lambda:InvokeFunction"]
      resources = ["${local.function_arns["release_steps"]}:live"]
    }
  }

  log_retention_days = var.log_retention_days
  kms_key_arn        = var.kms_key_arn
  alarm_actions      = [local.topic_arns.critical]
  tracing            = var.emulator_endpoint == null # the embedded cloud does not tell whether it is on
  require_tls        = var.emulator_endpoint == null
  tags               = local.tags
}
