# Whom the stacks' messages are from, and what text messages may cost: an account's own in each region.

locals {
  sends  = var.sender_identity != null
  domain = local.sends && !strcontains(coalesce(var.sender_identity, "-"), "@")

  mail_from_domain = local.domain && var.mail_from_subdomain != null ? "${var.mail_from_subdomain}.${var.sender_identity}" : null
}

# An address gets a mail with a link from AWS. A domain is verified, and its mail signed, by the DNS records
# that are an output.
resource "aws_sesv2_email_identity" "sender" {
  count = local.sends ? 1 : 0

  email_identity = var.sender_identity

  # For an address it says nothing, and AWS gives none back.
  dynamic "dkim_signing_attributes" {
    for_each = local.domain ? ["RSA_2048_BIT"] : []
    content {
      next_signing_key_length = dkim_signing_attributes.value
    }
  }
}

# Bounces go to a host of the sender's domain and not of Amazon's, so that SPF aligns with it too.
resource "aws_sesv2_email_identity_mail_from_attributes" "sender" {
  count = local.mail_from_domain == null ? 0 : 1

  email_identity         = aws_sesv2_email_identity.sender[0].email_identity
  mail_from_domain       = local.mail_from_domain
  behavior_on_mx_failure = "USE_DEFAULT_VALUE" # better from Amazon's host than not at all
}

# No delivery logs: they would hold phone numbers.
resource "aws_sns_sms_preferences" "this" {
  count = var.sms_monthly_spend_limit == null ? 0 : 1

  default_sms_type    = "Transactional"
  monthly_spend_limit = var.sms_monthly_spend_limit
}
