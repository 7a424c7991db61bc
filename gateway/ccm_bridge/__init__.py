"""The bridge to a CCM that speaks REST: posts what the inbound stream delivers, and takes what CCM sends.

A client of the connector's own gRPC API, like any other consumer; it knows no store and nothing of the server. It keeps
nothing: what CCM has not taken stays in the subscription.
"""
