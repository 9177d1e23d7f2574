# What a function's log says, as metrics: errors and cold starts, without a dimension, 0 where
# events come in and none matches.

locals {
  # An invocation that fails is one error, whoever logs it. Several filters, because CloudWatch does
  # not combine words of which one must be there (?) with words that must not be there (-).
  filters = {
    # Our code's own lines.
    errors-logged = {
      metric  = "errors"
      pattern = "{ ($.level = \"ERROR\") || ($.level = \"CRITICAL\") }"
    }
    # Lambda's line about an exception that left the code, or a module that cannot be imported.
    # Exceptions whose cause the code has logged already would count twice.
    errors-raised = {
      metric  = "errors"
      pattern = join(" ", concat(["\"[ERROR]\""], [for name in sort(tolist(var.logged_exceptions)) : "-${name}"]))
    }
    # Lambda's line about a process that it had to stop, or that ended by itself.
    errors-stopped = {
      metric  = "errors"
      pattern = "?\"Task timed out\" ?\"Runtime exited\""
    }
    # Lambda's line about an invocation for which it had to start the function.
    cold-starts = {
      metric  = "cold-starts"
      pattern = "\"REPORT RequestId\" \"Init Duration\""
    }
  }

  function_filters = merge([for handler, function in var.functions : {
    for filter, settings in local.filters : "${local.function_names[handler]}-${filter}" => merge(settings, {
      log_group = function.log_group_name
      metric    = "${local.function_names[handler]}-${settings.metric}"
    })
  }]...)
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = local.function_filters

  name           = "${each.key}-${var.suffix}"
  log_group_name = each.value.log_group
  pattern        = each.value.pattern

  metric_transformation {
    namespace     = local.namespace
    name          = each.value.metric
    value         = "1"
    default_value = "0"
    unit          = "Count"
  }
}
