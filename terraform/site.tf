# The site: a page app from a private bucket, with the API under /api of the same host.

locals {
  site_name = "feedback-site-${local.suffix}"

  # The embedded cloud serves a distribution under its own endpoint, by host name.
  site_url = (
    var.emulator_endpoint == null
    ? module.site.url
    : "http://${replace(module.site.domain_name, ".net", ".localhost")}:${local.emulator_port}"
  )
  emulator_port = var.emulator_endpoint == null ? null : tonumber(regex("[0-9]+$", var.emulator_endpoint))

  # The site's own origin, unless somebody else's pages call the API too.
  cors_allow_origin = var.api.cors_allow_origin == null ? local.site_url : var.api.cors_allow_origin

  # Of the API only its ID: functions know the site's address, and the API knows the functions.
  site_api = (
    var.emulator_endpoint == null
    ? {
      domain_name = "${module.api.id}.execute-api.${var.aws_region}.${data.aws_partition.current.dns_suffix}"
      origin_path = "/prod"
      port        = 443
      protocol    = "https-only"
    }
    : {
      # Asked for by its own name, an API there is AWS's and refused (MiniStack 1.5.33, cloudfront._forward_to_origin).
      domain_name = "127.0.0.1"
      origin_path = "/restapis/${module.api.id}/prod/_user_request_"
      port        = local.emulator_port
      protocol    = "http-only"
    }
  )
}

module "site" {
  source = "../modules/cdn"
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  name = local.site_name
  names = {
    bucket     = "${local.site_name}-${local.account}"
    log_bucket = "aws-waf-logs-${local.site_name}-${local.account}"
    topic      = "critical-site-${local.suffix}"
  }

  api          = local.site_api
  cached_paths = { "/api/analytics" = var.site.analytics_seconds }
  settings = {
    apiBaseUrl  = "/api"
    environment = var.environment
    suffix      = local.suffix
    version     = local.openapi.info.version
  }

  domain          = var.site.domain
  geo_restriction = var.site.geo_restriction
  waf             = var.site.waf
  logs            = var.site.logs
  headers         = { hsts = var.site.hsts }
  alarms = merge(var.site.alarms, {
    subscriptions = { for name, subscription in var.monitoring.subscriptions : name => {
      protocol = subscription.protocol
      endpoint = subscription.endpoint
    } if contains(subscription.topics, "critical") }
  })
  alarm_endpoints = var.subscription_endpoints

  price_class   = var.site.price_class
  retired_days  = var.site.retired_days
  force_destroy = !var.site.deletion_protection
  require_tls   = var.emulator_endpoint == null
  tags          = local.tags
}
