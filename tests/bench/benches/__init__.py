"""One module per bench. Each has `measure(rounds, say) -> Report`; `make bench` finds it."""
