# The embedded cloud: `make up` adds environment_suffix, emulator_endpoint and the packages' folder.
environment        = "local"
log_retention_days = 1

# The embedded cloud has no Comprehend.
sentiment = { engine = "lexicon" }

datalake = { export_window_seconds = 1 }

# No alias weights there: the new version gets nothing to fail at before it gets everything.
releases = { bake_seconds = 3, loop_window_minutes = 5 }

# The embedded cloud keeps subscriptions of log groups and sends nothing to a delivery stream.
log_archive = { enabled = false }

api = {
  cors_allow_origin = "*"
  throttles         = { submitContact = { rate_limit = 500, burst_limit = 500 } } # for tests
  api_keys = {
    operator = { plan = "premium" }
    visitor  = { plan = "free" }
  }
}

# Applied for real; nothing is spent, and nobody is told.
monitoring = { budget = { amount = 10 } }

# No events of SES there that a message in doubt could wait for, and no end to how long a step waits
# before it is tried again (MaxDelaySeconds).
messages = {
  throttled       = { attempts = 8, first_seconds = 1, longest_seconds = 4 }
  doubt           = { attempts = 2, seconds = 1 }
  settle_attempts = 3
}

# `make up` makes the sender's identity, as terraform/bootstrap does on AWS. Nothing leaves the machine.
mail = {
  sender_address = "no-reply@example.com"
  team_inbox     = "team@example.com"
}

# The embedded cloud keeps text messages and sends none.
sms = { enabled = true, monthly_limit_usd = 1000 }

# CloudFront there delivers no logs and counts nothing.
site = {
  logs   = { enabled = false }
  alarms = { enabled = false }
}
