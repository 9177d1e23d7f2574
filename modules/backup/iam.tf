# The role with which AWS Backup backs the tables up and restores them. AWS's managed policies for that
# are about every table of the account, and about every other service besides. The statements follow
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
# and …/AWSBackupServiceRolePolicyForRestores.html, as far as they are DynamoDB's, and what
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/UsageNotesAWS.html asks for besides.

locals {
  # What a table may be restored to: a new table beside it. Nobody restores into a table that is there.
  restored_arns = [for arn in var.table_arns : "${arn}-${var.restored_suffix}"]
}

data "aws_iam_policy_document" "assume" {
  statement {
    sid     = "BackupActs"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = var.role_name
  description        = "Backs up and restores the tables of the backup plan ${var.name}."
  assume_role_policy = data.aws_iam_policy_document.assume.json

  tags = var.tags
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "BackUpTables"
    actions   = ["dynamodb:DescribeTable", "dynamodb:ListTagsOfResource", "dynamodb:StartAwsBackupJob"]
    resources = var.table_arns
  }

  # In accounts that have used AWS Backup since before November 2021 and never switched DynamoDB's
  # advanced features on, a backup is one of DynamoDB's own.
  statement {
    sid       = "MakeDynamoDbBackups"
    actions   = ["dynamodb:CreateBackup"]
    resources = var.table_arns
  }
  statement {
    sid       = "KeepDynamoDbBackups"
    actions   = ["dynamodb:DeleteBackup", "dynamodb:DescribeBackup", "dynamodb:RestoreTableFromBackup"]
    resources = [for arn in var.table_arns : "${arn}/backup/*"]
  }

  # A restore makes the table and writes every item.
  statement {
    sid = "RestoreBesideTables"
    actions = [
      "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem",
      "dynamodb:PutItem", "dynamodb:Query", "dynamodb:RestoreTableFromAwsBackup", "dynamodb:Scan",
      "dynamodb:UpdateItem",
    ]
    resources = local.restored_arns
  }

  statement {
    sid       = "SeeVault"
    actions   = ["backup:DescribeBackupVault"]
    resources = [local.vault_arn]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : ["UseKeyThroughServices"]
    content {
      sid       = statement.value
      actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
      resources = [var.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values = [
          for service in ["backup", "dynamodb"] :
          "${service}.${data.aws_region.current.name}.${data.aws_partition.current.dns_suffix}"
        ]
      }
    }
  }
  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : ["LetServicesGoOnUsingKey"]
    content {
      sid       = statement.value
      actions   = ["kms:CreateGrant"]
      resources = [var.kms_key_arn]

      condition {
        test     = "Bool"
        variable = "kms:GrantIsForAWSResource"
        values   = ["true"]
      }
    }
  }
}

resource "aws_iam_role_policy" "this" {
  #iam:skip=PERMISSIONS_MANAGEMENT_ACTIONS:DynamoDB goes on using the key after the call that restores, by a grant; the condition lets services of AWS make one and nobody else. Cost: tables under AWS's own key.
  name   = "tables"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}
