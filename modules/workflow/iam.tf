# The machine's role. Two policies: what logging, tracing and the key need, and what the caller named.

locals {
  role_name = coalesce(var.role_name, "states-${var.name}-role")
}

data "aws_iam_policy_document" "assume" {
  statement {
    sid     = "StepFunctionsRuns"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["states.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.arn]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = local.role_name
  description        = "Execution role of the state machine ${var.name}."
  assume_role_policy = data.aws_iam_policy_document.assume.json

  tags = var.tags
}

data "aws_iam_policy_document" "runtime" {
  # Log deliveries know no resource.
  statement {
    sid = "DeliverLogs"
    actions = [
      "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups",
      "logs:DescribeResourcePolicies", "logs:GetLogDelivery", "logs:ListLogDeliveries",
      "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
    ]
    resources = ["*"]
  }

  # X-Ray's actions know no resource.
  dynamic "statement" {
    for_each = var.tracing ? ["WriteTraces"] : []
    content {
      sid = statement.value
      actions = [
        "xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
      ]
      resources = ["*"]
    }
  }

  # What the machine calls decrypts on behalf of the role, and only so.
  dynamic "statement" {
    for_each = var.kms_key_arn == null || length(var.key_services) == 0 ? [] : ["UseKeyThroughServices"]
    content {
      sid       = statement.value
      actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
      resources = [var.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values = [
          for service in sort(tolist(var.key_services)) :
          "${service}.${data.aws_region.current.name}.${data.aws_partition.current.dns_suffix}"
        ]
      }
    }
  }
}

resource "aws_iam_role_policy" "runtime" {
  #iam:skip=PERMISSIONS_MANAGEMENT_ACTIONS:Step Functions puts the policy that lets the log delivery write, in the role's name, and refuses a machine with a log otherwise. Cost: no logs.
  #checkov:skip=CKV_AWS_290:log deliveries, traces and the account's log policy know no resource to name. Cost: no logs, no traces.
  #checkov:skip=CKV_AWS_355:log deliveries, traces and the account's log policy know no resource to name. Cost: no logs, no traces.
  name   = "runtime"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.runtime.json
}

data "aws_iam_policy_document" "permissions" {
  dynamic "statement" {
    for_each = var.permissions
    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "condition" {
        for_each = statement.value.conditions
        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }

  dynamic "statement" {
    for_each = var.permissions_without_arn
    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = ["*"]

      dynamic "condition" {
        for_each = statement.value.conditions
        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_iam_role_policy" "permissions" {
  #iam:skip=RESOURCE_MISMATCH:parliament takes express executions for the only ones; AWS's reference names execution:MACHINE:* too. Cost: a second run beside one that is at work.
  count = length(var.permissions) + length(var.permissions_without_arn) == 0 ? 0 : 1

  name   = "permissions"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.permissions.json
}
