# What browsers are told besides: of the site's files all of it, of the API's answers what makes sense for them.

locals {
  content_security_policy = join("; ", [for directive in sort(keys(var.headers.content_security_policy)) :
    trimspace("${directive} ${join(" ", var.headers.content_security_policy[directive])}")
  ])

  # An answer of the API is no document. One that is says so itself: its own policy stays.
  api_content_security_policy = "base-uri 'none'; default-src 'none'; form-action 'none'; frame-ancestors 'none'"

  # Every feature that a page could ask for and this one does not; all known to browsers, who complain of others.
  denied_features = [
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
    "gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
    "publickey-credentials-get", "screen-wake-lock", "usb", "xr-spatial-tracking",
  ]
  isolation_headers = {
    Cross-Origin-Embedder-Policy = "require-corp"
    Cross-Origin-Opener-Policy   = "same-origin"
    Cross-Origin-Resource-Policy = "same-origin"
    Permissions-Policy           = join(", ", [for feature in local.denied_features : "${feature}=()"])
  }

  policies = {
    pages = {
      content_security_policy = local.content_security_policy
      override                = true
      headers                 = local.isolation_headers
    }
    api = {
      content_security_policy = local.api_content_security_policy
      override                = false
      headers                 = { Cross-Origin-Resource-Policy = "same-origin" }
    }
  }
  # What S3 tells of how it keeps an object.
  removed_headers = ["x-amz-server-side-encryption", "x-amz-version-id"]
}

resource "aws_cloudfront_response_headers_policy" "this" {
  #checkov:skip=CKV_AWS_259:two years and subdomains by default; the browser makers' list (preload) by variable, since a name leaves it in months. Cost: the first visit of a browser, which a redirect leads to HTTPS.
  for_each = local.policies

  name = "${var.name}-${each.key}"

  security_headers_config {
    content_security_policy {
      content_security_policy = each.value.content_security_policy
      override                = each.value.override
    }
    content_type_options {
      override = true
    }
    frame_options {
      frame_option = "DENY"
      override     = true
    }
    referrer_policy {
      referrer_policy = "strict-origin-when-cross-origin"
      override        = true
    }
    strict_transport_security {
      access_control_max_age_sec = var.headers.hsts.max_age_seconds
      include_subdomains         = var.headers.hsts.include_subdomains
      preload                    = var.headers.hsts.preload
      override                   = true
    }
  }

  custom_headers_config {
    dynamic "items" {
      for_each = each.value.headers
      content {
        header   = items.key
        value    = items.value
        override = true
      }
    }
  }

  remove_headers_config {
    dynamic "items" {
      for_each = local.removed_headers
      content {
        header = items.value
      }
    }
  }
}
