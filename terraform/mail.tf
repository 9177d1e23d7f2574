# What surrounds sending: the configuration set, what comes back (bounces, complaints), who must not be
# written to, text messages, the nightly report.

locals {
  mail_functions  = {}
  mail_operations = {}
  mail_tables     = {}
}
