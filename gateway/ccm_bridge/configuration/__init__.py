"""A channel's settings as Unified Admin holds them: pushed by CCM or asked of it, and written into our own channels.

`attributes` reads the JSON, `mapping` says what each attribute means, `planning` turns that into one call of
ChannelService; those three are pure. `channels` makes the calls, `pulling` asks CCM, `routes` answers its pushes.
No value of an attribute is ever shown: any of them may be a token.
"""
