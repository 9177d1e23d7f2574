# Set cors_allow_origin to your site's origin, and the addresses of mail to your own, before the first
# apply. Without cors_allow_origin it is the site's own address, which is known after that apply.
environment        = "production"
log_retention_days = 30

feedback = {
  list_shards         = 4
  aggregate_shards    = 4
  deletion_protection = true
}

datalake = { deletion_protection = true }
releases = { deletion_protection = true }
messages = { deletion_protection = true }

# Whom bounces and complaints have put on the suppression list is nowhere else.
recipients = { deletion_protection = true }

tasks = { deletion_protection = true }

backup      = { deletion_protection = true }
log_archive = { deletion_protection = true }

api = {
  cors_allow_origin = "https://feedback.example.com"
  api_keys = {
    operator = { plan = "premium" }
  }
}

# A burst of submissions must not take the whole pool of the account, and counting must never
# starve. AWS refuses this while the account has less than 100 left over (new accounts start
# with a quota of 10: ask for more first).
reserved_concurrency = {
  feedback_processor = 100
  stream_aggregator  = 10
}

# Say who hears: subscriptions = { oncall = { protocol = "email", endpoint = "…" } }. What costs money is
# found by the tag Suffix, once that is activated for cost allocation (docs/monitoring.md).
monitoring = {
  budget       = { amount = 100 }
  cost_anomaly = {}
}

mail = {
  sender_address  = "no-reply@example.com"
  sender_identity = "example.com"
  team_inbox      = "team@example.com"
}

# With the domain: domain = { name = "feedback.example.com", hosted_zone_id = "…" } (docs/site.md).
site = {
  waf                 = { enabled = true }
  deletion_protection = true
}
