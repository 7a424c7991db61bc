"""Plumbing that any of our services needs: settings, logs, clocks, backoff, listeners, start and stop.

Nothing here knows what the product is about; it would serve another service as well.
"""
