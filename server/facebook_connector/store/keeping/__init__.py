"""What stays and what goes: retention, erasure, and the audit log that outlives both."""
