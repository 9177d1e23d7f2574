# Customer communication: messages, the workflow that sends them, contact requests.

locals {
  message_functions  = {}
  message_operations = {}
  message_tables     = {}
  message_workflows  = {}
}
