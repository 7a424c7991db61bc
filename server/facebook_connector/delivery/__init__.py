"""Who gets which message when: leases, windows, order per key, redelivery, and the frames of a stream.

Pure: nothing here knows a socket, a database, a clock or a source of randomness. Time comes in as `now_ms`, what the
database answered comes in as values, and what is to be done goes out as values; `inbox` carries it out.
"""
