# A preview for a pull request: terraform apply -var-file=envs/preview.tfvars -var environment_suffix=pr123
environment        = "preview"
log_retention_days = 3

feedback = { retention_days = 7 }
releases = { bake_seconds = 60 }

# A preview is made anew, not brought back.
backup      = { enabled = false }
log_archive = { enabled = false }

api = {
  cors_allow_origin = "*"
  throttle          = { rate_limit = 50, burst_limit = 50 }
  api_keys          = { reviewer = { plan = "basic" } }
}

# Set both to addresses of your own.
mail = {
  sender_address = "no-reply@example.com"
  team_inbox     = "team@example.com"
}

# Seen by a few, for a few days.
site = { alarms = { enabled = false } }
