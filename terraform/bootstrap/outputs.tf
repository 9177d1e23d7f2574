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
