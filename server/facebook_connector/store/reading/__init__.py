"""The reading side of the inbound log: subscriptions, their cursors and claims, the side queue and dead letters."""
