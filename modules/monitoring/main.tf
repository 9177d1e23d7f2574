# Who is told what about one stack: topics and their key (topics.tf, key.tf), what counts as an error
# (filters.tf), rules that become alarms (alarms.tf), dashboards (dashboards.tf), spending (cost.tf).

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.name

  # Of this stack alone: the metrics of log filters have no dimension that could tell stacks apart.
  namespace = "CustomerPlatform/${var.suffix}"

  # Handler => how names begin: feedback_processor => feedback-processor.
  function_names = { for handler in keys(var.functions) : handler => replace(handler, "_", "-") }

  queues = merge(var.queues, local.keeps_undelivered ? { (local.undelivered) = "${local.undelivered}-${var.suffix}" } : {})
}
