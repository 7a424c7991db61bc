"""The Graph API over HTTP: one client, the Send API, and what its answers and headers mean.

It says what happened and decides nothing: whether a message may be sent again is decided in `sending`.
"""
