# A site and its API behind one host: the distribution is here, the bucket in bucket.tf, what runs at the edge
# in functions.tf, headers in headers.tf, the own domain in domain.tf, the web ACL in waf.tf, logs in logs.tf,
# alarms in alarms.tf.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

data "aws_region" "us_east_1" {
  provider = aws.us_east_1
}

locals {
  account      = data.aws_caller_identity.current.account_id
  api_prefix   = "/api"
  every_method = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]

  # AWS's own policies, which have these IDs everywhere. Looked up by name they would be asked for in every plan.
  managed = {
    caching_disabled               = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    all_viewer_except_host_headers = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
  }

  # CloudFront takes the first that matches: what is cached stands before the prefix that it is under. The
  # prefix alone is the API's too.
  api_behaviors = concat(
    [for path in sort(keys(var.cached_paths)) : { path = path, cached = true }],
    [for path in ["${local.api_prefix}/*", local.api_prefix] : { path = path, cached = false }],
  )
}

# Neither cookies nor headers nor the query choose a file. What may be kept, and how long, each object says
# itself: ops/site/publishing.py.
resource "aws_cloudfront_cache_policy" "files" {
  name    = "${var.name}-files"
  comment = "As long as the object says, and never longer."

  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 31536000

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true
    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

# Every parameter is part of the key: an unknown one is refused by the API, and the refusal is not somebody
# else's answer. No header is: what is cached is the same for everybody.
resource "aws_cloudfront_cache_policy" "api" {
  for_each = var.cached_paths

  name    = "${var.name}-${trim(replace(each.key, "/[^A-Za-z0-9]+/", "-"), "-")}"
  comment = "${each.key} for ${each.value} s."

  min_ttl     = 0
  default_ttl = each.value
  max_ttl     = each.value

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true
    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "all"
    }
  }
}

resource "aws_cloudfront_origin_access_control" "this" {
  name        = var.name
  description = "Reads ${var.names.bucket}."

  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_distribution" "this" {
  #trivy:ignore:AVD-AWS-0011 waf.enabled decides; production has it. Cost: $5 a month for a web ACL, $1 for each rule and $0.60 per million requests.
  #checkov:skip=CKV_AWS_86:logs.tf delivers access logs with fields of our choice; the logging meant here writes addresses and cookies, by ACL. Cost: the storage of $0.023 per GB and month, where they are on.
  #checkov:skip=CKV_AWS_68:waf.enabled decides; production has it. Cost: $5 a month for a web ACL, $1 for each rule and $0.60 per million requests.
  #checkov:skip=CKV2_AWS_47:waf.enabled decides; the rules against bad inputs, Log4j's among them, are part of it. Cost: $1 a month.
  #checkov:skip=CKV_AWS_310:a second origin would hold the same files and serve the same API. Cost: a bucket and a copy in another region.
  #checkov:skip=CKV_AWS_374:geo_restriction decides; customers are everywhere. Cost: none but visitors turned away.
  #checkov:skip=CKV_AWS_174:with a domain TLS 1.2 (2021) is the least; CloudFront's own certificate takes what CloudFront says. Cost: a domain.
  #checkov:skip=CKV2_AWS_32:every behavior has one; the check does not follow an index into for_each. Cost: the policy written out twice.
  #checkov:skip=CKV2_AWS_42:a certificate comes with the domain. Cost: a domain.
  comment         = var.name
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = var.price_class

  aliases             = var.domain[*].name
  default_root_object = "index.html"
  web_acl_id          = one(aws_wafv2_web_acl.this[*].arn)

  # A change is everywhere within minutes; nobody has to wait for it. A deletion waits: see the provider.
  wait_for_deployment = false

  origin {
    origin_id                = "site"
    domain_name              = aws_s3_bucket.site.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.this.id
  }

  origin {
    origin_id   = "api"
    domain_name = var.api.domain_name
    origin_path = var.api.origin_path

    custom_origin_config {
      http_port              = var.api.protocol == "http-only" ? var.api.port : 80
      https_port             = var.api.protocol == "https-only" ? var.api.port : 443
      origin_protocol_policy = var.api.protocol
      origin_ssl_protocols   = ["TLSv1.2"]
      origin_read_timeout    = 30 # API Gateway waits 29
    }
  }

  default_cache_behavior {
    target_origin_id           = "site"
    viewer_protocol_policy     = var.require_tls ? "redirect-to-https" : "allow-all"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = aws_cloudfront_cache_policy.files.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this["pages"].id
    compress                   = true

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.this["pages"].arn
    }
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.api_behaviors
    content {
      path_pattern     = ordered_cache_behavior.value.path
      target_origin_id = "api"
      # A redirect would have told the key to everybody by then, and would go on doing so unnoticed.
      viewer_protocol_policy     = var.require_tls ? "https-only" : "allow-all"
      allowed_methods            = local.every_method # what a path does not have, the API says
      cached_methods             = ["GET", "HEAD"]
      cache_policy_id            = ordered_cache_behavior.value.cached ? aws_cloudfront_cache_policy.api[ordered_cache_behavior.value.path].id : local.managed.caching_disabled
      origin_request_policy_id   = ordered_cache_behavior.value.cached ? null : local.managed.all_viewer_except_host_headers
      response_headers_policy_id = aws_cloudfront_response_headers_policy.this["api"].id
      compress                   = true

      function_association {
        event_type   = "viewer-request"
        function_arn = aws_cloudfront_function.this["strip"].arn
      }
    }
  }

  # No page of ours in place of an error, which would hide the API's; only that CloudFront, which keeps these
  # for 10 seconds unasked, keeps none. An error is over when it is over.
  dynamic "custom_error_response" {
    for_each = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504]
    content {
      error_code            = custom_error_response.value
      error_caching_min_ttl = 0
      response_code         = 0 # the origin's; left out, it differs from what is read back
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = var.geo_restriction.type
      locations        = var.geo_restriction.countries
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = var.domain == null
    acm_certificate_arn            = local.certificate_arn
    minimum_protocol_version       = var.domain == null ? null : "TLSv1.2_2021"
    ssl_support_method             = var.domain == null ? null : "sni-only"
  }

  tags = var.tags

  lifecycle {
    precondition {
      condition     = try(var.domain.certificate_arn, null) == null || can(regex(":acm:${data.aws_region.us_east_1.name}:", var.domain.certificate_arn))
      error_message = "domain.certificate_arn must be a certificate in ${data.aws_region.us_east_1.name}: CloudFront takes one from nowhere else."
    }
  }
}
