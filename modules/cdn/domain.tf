# The site's own name: a certificate, made here unless one is given, and the name's records where its zone is known.

locals {
  makes_certificate = var.domain != null && try(var.domain.certificate_arn, null) == null
  certificate_arn   = local.makes_certificate ? aws_acm_certificate_validation.this[0].certificate_arn : try(var.domain.certificate_arn, null)
}

resource "aws_acm_certificate" "this" {
  provider = aws.us_east_1
  count    = local.makes_certificate ? 1 : 0

  domain_name       = var.domain.name
  validation_method = "DNS"

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  for_each = local.makes_certificate ? { for option in aws_acm_certificate.this[0].domain_validation_options : option.domain_name => option } : {}

  zone_id         = var.domain.hosted_zone_id
  name            = each.value.resource_record_name
  type            = each.value.resource_record_type
  records         = [each.value.resource_record_value]
  ttl             = 300
  allow_overwrite = true # the record of an earlier certificate of the same name is the same
}

resource "aws_acm_certificate_validation" "this" {
  provider = aws.us_east_1
  count    = local.makes_certificate ? 1 : 0

  certificate_arn         = aws_acm_certificate.this[0].arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}

resource "aws_route53_record" "site" {
  for_each = try(var.domain.hosted_zone_id, null) == null ? toset([]) : toset(["A", "AAAA"])

  zone_id = var.domain.hosted_zone_id
  name    = var.domain.name
  type    = each.value

  alias {
    name                   = aws_cloudfront_distribution.this.domain_name
    zone_id                = aws_cloudfront_distribution.this.hosted_zone_id
    evaluate_target_health = false # CloudFront has none to tell
  }
}
