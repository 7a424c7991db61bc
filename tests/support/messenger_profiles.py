"""A Messenger profile that has every property, and is taken by Facebook."""

from __future__ import annotations

from expertflow.connector.v1.channel_pb2 import (
    Command,
    CommandSet,
    Greeting,
    IceBreaker,
    IceBreakerSet,
    MenuItem,
    MessengerProfile,
    PersistentMenu,
)


def full_profile() -> MessengerProfile:
    """A new one each time."""
    return MessengerProfile(
        get_started_payload="START",
        greetings=[Greeting(locale="default", text="Hello {{user_first_name}}"), Greeting(locale="de_DE", text="Moin")],
        ice_breakers=[
            IceBreakerSet(locale="default", questions=[IceBreaker(question="Where is my parcel?", payload="PARCEL")])
        ],
        persistent_menus=[
            PersistentMenu(
                locale="default",
                composer_input_disabled=True,
                items=[
                    MenuItem(title="Talk to us", payload="AGENT"),
                    MenuItem(title="Shop", url="https://shop.example/start"),
                ],
            )
        ],
        command_sets=[CommandSet(locale="default", commands=[Command(name="track", description="Finds a parcel")])],
    )
