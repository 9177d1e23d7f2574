terraform {
  # 1.11 is the first version in which the S3 backend locks with its own lock file.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # Bucket, key and region come from -backend-config: see README, "Deploy to AWS".
  backend "s3" {
    use_lockfile = true
    encrypt      = true
  }
}

provider "aws" {
  region = var.aws_region

  # The emulator's bucket names are no host names. Everything else that points the provider
  # at it comes from the environment (AWS_ENDPOINT_URL and credentials).
  s3_use_path_style = var.emulator_endpoint != null

  default_tags {
    tags = local.tags
  }
}

# CloudFront takes certificates, web ACLs and log deliveries from here, and counts here.
provider "aws" {
  alias  = "us_east_1"
  region = var.cloudfront_region

  s3_use_path_style = var.emulator_endpoint != null

  default_tags {
    tags = local.tags
  }
}
