"""Channels: one per Facebook Page, with the secrets to receive and to send for it.

Owns how secrets are sealed, opened and handed out, which webhook fields a page subscribes to and what a check of a
channel says. Knows neither SQL nor gRPC: rows come from `store`, Facebook answers through `graph`.
"""
