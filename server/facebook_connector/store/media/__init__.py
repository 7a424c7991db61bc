"""The log of kept media: what is to be fetched, what became of it, and what services wrote themselves."""
