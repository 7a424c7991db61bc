"""The outbox: accepts messages durably, sends each lane in order through Facebook's Send API, and tells the outcome.

It conducts: what to do is decided in `sending`, what is true stands in the store.
"""
