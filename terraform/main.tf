data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  suffix = var.environment_suffix

  tags = {
    Project     = var.project_name
    Environment = var.environment
    Suffix      = local.suffix
    ManagedBy   = "terraform"
  }

  openapi = yamldecode(file("${path.module}/openapi.yaml"))

  # What every function gets besides its own settings.
  function_environment = {
    LOG_LEVEL                = "INFO"
    PYDANTIC_DISABLE_PLUGINS = "1" # its look-up reads the metadata of every installed package at start
  }

  # Merged rather than tried: try() makes a value unknown while any part of it is.
  function_defaults = {
    timeout                 = 15 # two calls that time out and are tried again, in a row
    memory_size             = 256
    environment             = {}
    permissions             = {}
    permissions_without_arn = {}
    key_services            = []
    dead_letter_queue       = null
    event_sources           = {}
    schedules               = {}
    topics                  = {}
  }
}
