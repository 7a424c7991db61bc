"""The HTTP edge: takes Facebook's webhooks, proves who sent them, translates them, and answers once they are stored.

It keeps nothing: a webhook gets its 200 after the server has committed it, and any other answer makes Facebook come
again.
"""
