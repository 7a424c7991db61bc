"""Conversation routing: who controls a conversation, and the calls that move the control between apps.

Owners are learnt from events in `store.thread_owners`; here Facebook is asked, and what it says is kept beside them.
"""
