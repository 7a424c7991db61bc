"""What belongs to the database as a whole: the id of this installation."""

from __future__ import annotations

from sqlalchemy import select, update

from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.schema import installation

INSTALLATION_ID = select(installation.c.installation_id)
TOUCH = update(installation).values(installation_id=installation.c.installation_id)


class InstallationStore:
    """Reads the installation's own row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def installation_id(self) -> str:
        """Made once with the database and never changed: it stands in the metadata of every message we send."""
        return await self._database.read(installation_id)

    async def probe(self) -> None:
        """Has the database commit a change that changes nothing. Raises `StoreError` if it cannot.

        A read would not do: a full disk, a lock or a standby let it through.
        """
        await self._database.write(lambda transaction: transaction.execute(TOUCH).rowcount)


def installation_id(transaction: Transaction) -> str:
    """See `InstallationStore.installation_id`."""
    return str(transaction.execute(INSTALLATION_ID).scalar_one())
