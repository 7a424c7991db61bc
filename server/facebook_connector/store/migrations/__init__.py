"""Alembic's environment, and in `versions` the migrations, one file each. Only `store.migrate` runs them."""
