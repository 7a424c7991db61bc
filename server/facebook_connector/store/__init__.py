"""The inbound log, the outbound queue and the channels, kept in SQLite or PostgreSQL.

The only room that knows SQL. It takes and gives frozen values, whole batches at a time, and raises only the errors of
`errors`; no driver exception and no SQL type crosses its border. What lies here beside the folders belongs to the
database as a whole: `database` (its two calls), `schema` (its tables), migrations, notices and snapshots.
"""
