"""The gRPC services: they turn requests into calls of the rooms below and answers into messages.

The only room beside `app` that knows grpc. Nothing is decided here but what the API itself says: roles, statuses,
required fields.
"""
