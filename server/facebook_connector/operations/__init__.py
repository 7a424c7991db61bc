"""What operators ask about and do to the whole installation: the calls of `OperationsService`, one module a topic.

Knows the protos' messages and no gRPC. Stands above inbox, outbox, channels and media, because it acts on all of them.
"""
