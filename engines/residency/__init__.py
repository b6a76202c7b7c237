"""Which models are in memory: budget, leases, loading, eviction."""
