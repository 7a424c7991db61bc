"""Decisions about sending: pure functions over the values in `values`.

Lane steps, the verdict on each answer of Facebook, the messaging window, pacing and the hash of a message's content.
Nothing here waits, stores or calls; time and randomness come in as arguments.
"""
