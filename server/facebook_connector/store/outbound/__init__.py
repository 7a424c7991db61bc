"""The outbound queue: accepted messages, their parts and history, lanes, page leases and uploaded attachments."""
