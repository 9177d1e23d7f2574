# The web ACL in front of the distribution: AWS's managed rules, and how much one address may ask for.

locals {
  # Name => rules of it that only count. Feedback is what people write: up to 5,000 characters, some of them
  # about HTML, paths or URLs; and a tag, which a query asks for, may be "config.ini". Those rules read bodies and
  # queries for such words and would refuse them; the API takes text as text.
  managed_rules = {
    AWSManagedRulesAmazonIpReputationList = []
    AWSManagedRulesCommonRuleSet = [
      "CrossSiteScripting_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "SizeRestrictions_BODY",
      "CrossSiteScripting_QUERYARGUMENTS", "EC2MetaDataSSRF_QUERYARGUMENTS", "GenericLFI_QUERYARGUMENTS",
      "GenericRFI_QUERYARGUMENTS", "RestrictedExtensions_QUERYARGUMENTS",
    ]
    AWSManagedRulesKnownBadInputsRuleSet = []
  }
}

resource "aws_wafv2_web_acl" "this" {
  #checkov:skip=CKV_AWS_192:AWSManagedRulesKnownBadInputsRuleSet, with Log4j's, is one of local.managed_rules; the sources show a dynamic block. Cost: the same rule written out three times.
  provider = aws.us_east_1
  count    = var.waf.enabled ? 1 : 0

  name        = var.name
  description = "In front of ${var.name}."
  scope       = "CLOUDFRONT"

  default_action {
    allow {}
  }

  custom_response_body {
    key          = "too-many-requests"
    content_type = "APPLICATION_JSON"
    content = jsonencode({
      error     = "TooManyRequests"
      message   = "Too many requests from this address: try again in a few minutes."
      details   = []
      requestId = "" # WAF's own answer has none
    })
  }

  # First: what is refused here costs no other rule.
  rule {
    name     = "rate-per-address"
    priority = 0

    action {
      block {
        custom_response {
          response_code            = 429
          custom_response_body_key = "too-many-requests"
          response_header {
            name  = "Retry-After"
            value = "300"
          }
        }
      }
    }

    statement {
      rate_based_statement {
        aggregate_key_type    = "IP"
        evaluation_window_sec = 300
        limit                 = var.waf.requests_per_5_minutes
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "rate-per-address"
      sampled_requests_enabled   = false # samples hold whole requests
    }
  }

  dynamic "rule" {
    for_each = { for index, name in sort(keys(local.managed_rules)) : name => index + 1 }
    content {
      name     = rule.key
      priority = rule.value

      override_action {
        dynamic "none" {
          for_each = var.waf.only_count ? [] : [true]
          content {}
        }
        dynamic "count" {
          for_each = var.waf.only_count ? [true] : []
          content {}
        }
      }

      statement {
        managed_rule_group_statement {
          name        = rule.key
          vendor_name = "AWS"

          dynamic "rule_action_override" {
            for_each = local.managed_rules[rule.key]
            content {
              name = rule_action_override.value
              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.key
        sampled_requests_enabled   = false
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = false
  }

  tags = var.tags
}

# Only what was refused or counted, with the address that it came from: who looks after a false alarm needs it.
# Where a request said who somebody is, the log says nothing.
resource "aws_wafv2_web_acl_logging_configuration" "this" {
  provider = aws.us_east_1
  count    = var.waf.enabled ? 1 : 0

  resource_arn            = aws_wafv2_web_acl.this[0].arn
  log_destination_configs = [aws_s3_bucket.logs[0].arn]

  logging_filter {
    default_behavior = "DROP"
    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"
      condition {
        action_condition {
          action = "BLOCK"
        }
      }
      condition {
        action_condition {
          action = "COUNT"
        }
      }
    }
  }

  redacted_fields {
    query_string {}
  }
  dynamic "redacted_fields" {
    for_each = ["authorization", "cookie", "x-api-key"]
    content {
      single_header {
        name = redacted_fields.value
      }
    }
  }

  depends_on = [aws_s3_bucket_policy.logs]
}
