# One DynamoDB table: keys, indexes, stream, expiry, backups, encryption.

locals {
  # An attribute is declared once, however many keys use it. The table's own keys decide their
  # type; an index's key is a string unless it says otherwise.
  table_types = merge(
    { (var.hash_key.name) = var.hash_key.type },
    var.range_key == null ? {} : { (var.range_key.name) = var.range_key.type },
  )
  index_types = merge([
    for index in values(var.indexes) : {
      for key in compact([index.hash_key, index.range_key]) : key => lookup(index.types, key, "S")
    }
  ]...)
  attribute_types = merge(local.index_types, local.table_types)
}

resource "aws_dynamodb_table" "this" {
  #checkov:skip=CKV_AWS_119:AWS's own key encrypts at rest where kms_key_arn is null. Cost: $1 a month for a customer-managed key, and $0.03 per 10,000 requests.
  #checkov:skip=CKV_AWS_28:point_in_time_recovery decides and is on by default, which checkov cannot see in the sources; in the plans it sees it. Cost: a flat variable in place of an object.
  name         = var.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = var.hash_key.name
  range_key    = try(var.range_key.name, null)

  dynamic "attribute" {
    for_each = local.attribute_types
    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = var.indexes
    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value.hash_key
      range_key       = global_secondary_index.value.range_key
      projection_type = global_secondary_index.value.projection == null ? "ALL" : length(global_secondary_index.value.projection) == 0 ? "KEYS_ONLY" : "INCLUDE"
      # Null, not empty, for the other two types: DynamoDB refuses an empty list.
      non_key_attributes = try(length(global_secondary_index.value.projection), 0) == 0 ? null : global_secondary_index.value.projection

      # An index has a maximum of its own: without one it would go on taking what the table refuses.
      dynamic "on_demand_throughput" {
        for_each = var.maximum_throughput == null ? [] : [var.maximum_throughput]
        content {
          max_read_request_units  = on_demand_throughput.value.read
          max_write_request_units = on_demand_throughput.value.write
        }
      }
    }
  }

  stream_enabled   = var.stream != null
  stream_view_type = var.stream

  dynamic "ttl" {
    for_each = var.ttl == null ? [] : [var.ttl]
    content {
      enabled        = true
      attribute_name = ttl.value
    }
  }

  dynamic "on_demand_throughput" {
    for_each = var.maximum_throughput == null ? [] : [var.maximum_throughput]
    content {
      max_read_request_units  = on_demand_throughput.value.read
      max_write_request_units = on_demand_throughput.value.write
    }
  }

  point_in_time_recovery {
    enabled                 = var.point_in_time_recovery.enabled
    recovery_period_in_days = var.point_in_time_recovery.days
  }

  # Off means the key that AWS owns, at no cost. On without an ARN would be the account's
  # aws/dynamodb key, which bills every request and cannot be shared.
  server_side_encryption {
    enabled     = var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }

  deletion_protection_enabled = var.deletion_protection

  tags = var.tags
}

data "aws_iam_policy_document" "append_only" {
  count = var.append_only ? 1 : 0

  # PartiQL has names of its own for the same; transactions are judged as what they are made of.
  statement {
    sid    = "RefuseChanges"
    effect = "Deny"
    actions = [
      "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PartiQLDelete",
      "dynamodb:PartiQLUpdate", "dynamodb:UpdateItem",
    ]
    resources = [aws_dynamodb_table.this.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

resource "aws_dynamodb_resource_policy" "append_only" {
  count = var.append_only ? 1 : 0

  resource_arn = aws_dynamodb_table.this.arn
  policy       = data.aws_iam_policy_document.append_only[0].json
}
