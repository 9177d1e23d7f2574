terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 6.0"

      # The one region in which CloudFront looks for certificates and web ACLs, and writes metrics and logs.
      configuration_aliases = [aws.us_east_1]
    }
  }
}
