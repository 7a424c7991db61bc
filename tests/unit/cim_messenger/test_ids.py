from __future__ import annotations

import uuid

from cim_messenger.ids import NAMESPACE, message_id, receipt_id


def test_the_namespace_is_that_of_the_connectors_name() -> None:
    assert uuid.uuid5(uuid.NAMESPACE_DNS, "facebook-connector.expertflow") == NAMESPACE


def test_ids_never_change() -> None:
    assert message_id("104455667788990", "mid:m_1", 0) == "4745de2d-6520-56bc-b687-8123f3f511cb"
    assert message_id("104455667788990", "mid:m_1", 1) == "0355d5f6-6fc0-5066-87be-01db214948e5"
    assert receipt_id("104455667788990", "6a0f4d2be4b0a1b2c3d4e5f6", "READ") == "1d18d0b0-db43-5c6b-b7bd-a579fba83525"


def test_an_id_is_a_version_5_uuid_of_its_parts_by_lines() -> None:
    parts = range(100)  # enough for every version and variant bit to differ from what the digest has there
    names = [f"message\n104455667788990\nmid:m_ü\n{part}" for part in parts]

    ids = [message_id("104455667788990", "mid:m_ü", part) for part in parts]

    assert ids == [str(uuid.uuid5(NAMESPACE, name)) for name in names]


def test_every_part_counts() -> None:
    ids = {
        message_id("1", "mid:m_1", 0),
        message_id("2", "mid:m_1", 0),
        message_id("1", "mid:m_2", 0),
        message_id("1", "mid:m_1", 1),
        receipt_id("1", "mid:m_1", "0"),
    }

    assert len(ids) == 5
