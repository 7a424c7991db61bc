"""SQLite and PostgreSQL behind `store.database`: connections, transactions, group commit, and who may open a file."""
