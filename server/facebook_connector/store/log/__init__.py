"""The writing side of the inbound log: events get their places, and find the messages they are about."""
