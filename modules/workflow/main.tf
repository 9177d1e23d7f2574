# One Step Functions state machine with its log group. Its role is in iam.tf, what starts it on a
# schedule in schedule.tf, its alarm in alarms.tf.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  # Spelled out: the role that the machine needs first names it.
  arn = join(":", [
    "arn", data.aws_partition.current.partition, "states", data.aws_region.current.name,
    data.aws_caller_identity.current.account_id, "stateMachine", var.name,
  ])
}

# The prefix is one that CloudWatch Logs lets AWS's services write to without an entry of its own
# in the account's resource policy, which has room for a few dozen groups.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:CloudWatch's own key encrypts where kms_key_arn is null. Cost: $1 a month for a customer-managed key.
  #checkov:skip=CKV_AWS_338:log_retention_days decides, and logs are deleted early on purpose. Cost: $0.03 per GB and month for a year of logs.
  name              = "/aws/vendedlogs/states/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = var.tags
}

resource "aws_sfn_state_machine" "this" {
  #checkov:skip=CKV_AWS_284:tracing decides; it is on unless whoever calls the module switches it off, as where there is no X-Ray. Cost: $5 per million traces.
  #checkov:skip=CKV_AWS_285:executions are logged, but without their inputs and outputs, which may hold what people wrote; the history of 90 days has them. Cost: personal data in a log.
  name       = var.name
  role_arn   = aws_iam_role.this.arn
  type       = "STANDARD" # each step once; an express workflow may run one twice
  definition = var.definition

  # Names of states and errors, never inputs or outputs: those may hold what people wrote.
  logging_configuration {
    level                  = var.log_level
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.this.arn}:*"
  }

  dynamic "tracing_configuration" {
    for_each = var.tracing ? [true] : []
    content {
      enabled = tracing_configuration.value
    }
  }

  tags = var.tags

  # Step Functions tries to write a log and a trace with the role when the machine is made.
  depends_on = [aws_iam_role_policy.runtime, aws_iam_role_policy.permissions]
}
