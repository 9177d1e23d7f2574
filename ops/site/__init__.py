"""The site: build it, publish it. `python -m ops.site`, `make site`."""
