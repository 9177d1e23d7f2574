output "state_bucket" {
  description = "Bucket of the stacks' states: -backend-config=bucket=…"
  value       = aws_s3_bucket.state.id
  # A state must not arrive before the bucket is versioned, encrypted and closed.
  depends_on = [
    aws_s3_bucket_versioning.state,
    aws_s3_bucket_server_side_encryption_configuration.state,
    aws_s3_bucket_public_access_block.state,
    aws_s3_bucket_policy.state,
  ]
}

output "aws_region" {
  description = "Region of the bucket: -backend-config=region=…"
  value       = local.region
}

output "kms_key_arn" {
  description = "ARN of the key, for the stacks' kms_key_arn; null without create_kms_key."
  value       = local.kms_key_arn
}

output "api_gateway_logs_role_arn" {
  description = "Role with which API Gateway writes logs: stacks may set account_logging_ready."
  value       = aws_api_gateway_account.this.cloudwatch_role_arn
}

output "sender_identity" {
  description = "The sender identity, for the stacks' mail.sender_identity; null without one."
  value       = one(aws_sesv2_email_identity.sender[*].email_identity)
}

output "sender_dns_records" {
  description = "DNS records that verify and sign for a domain; empty for an address. In AWS's newest regions DKIM's host has the region in it: SES's console names it."
  value = !local.domain ? [] : concat(
    [for token in aws_sesv2_email_identity.sender[0].dkim_signing_attributes[0].tokens : {
      name  = "${token}._domainkey.${var.sender_identity}"
      type  = "CNAME"
      value = "${token}.dkim.amazonses.com"
    }],
    local.mail_from_domain == null ? [] : [
      { name = local.mail_from_domain, type = "MX", value = "10 feedback-smtp.${local.region}.amazonses.com" },
      { name = local.mail_from_domain, type = "TXT", value = "v=spf1 include:amazonses.com ~all" },
    ],
    [{ name = "_dmarc.${var.sender_identity}", type = "TXT", value = "v=DMARC1; p=quarantine" }],
  )
}
