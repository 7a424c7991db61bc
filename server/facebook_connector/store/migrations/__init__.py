"""Alembic's environment, `upgrade`, which runs it, and in `versions` the migrations, one file each."""
