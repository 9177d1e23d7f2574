"""The site in a real browser, served by the applied stack's CDN."""
