"""Load on the task tracker: `make load USERS=100 SECONDS=60`."""
