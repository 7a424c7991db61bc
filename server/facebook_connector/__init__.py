"""The connector's gRPC service: keeps what Facebook sent, streams it to CCM, and sends CCM's replies.

`app` puts it together; `services` speaks gRPC; `inbox` and `outbox` conduct; `delivery` and `sending` decide without
side effects; `store` is the only room that knows SQL, `graph` the only one that calls Facebook's Graph API.
"""
