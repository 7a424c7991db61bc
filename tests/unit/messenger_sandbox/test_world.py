from __future__ import annotations

import pytest

from messenger_sandbox.world import App, Conversation, Message, Page, Person, World

APP = App(app_id="555", app_secret="canary-secret", verify_token="canary-verify")


@pytest.fixture
def world() -> World:
    world = World(APP)
    world.put_page(Page(page_id="1", token="canary-token"))
    world.put_page(Page(page_id="2", token="other"))
    world.put_person(Person(psid="7", page_id="1"))
    return world


def test_a_psid_is_known_on_its_own_page_only(world: World) -> None:
    assert world.find_person("1", "7") is not None
    assert world.find_person("2", "7") is None


def test_a_person_needs_a_page(world: World) -> None:
    with pytest.raises(KeyError):
        world.put_person(Person(psid="8", page_id="3"))


def test_a_token_belongs_to_one_page(world: World) -> None:
    page = world.page_of_token("other")
    assert page is not None
    assert page.page_id == "2"
    assert world.page_of_token("nobody's") is None


def test_changing_a_person_keeps_the_conversation(world: World) -> None:
    conversation = world.conversation("7")
    world.change_person("7", reachable=False)
    assert world.conversation("7") is conversation


def test_times_in_a_conversation_only_rise() -> None:
    conversation = Conversation()
    assert [conversation.next_time(now) for now in (10, 10, 5, 20)] == [10, 11, 12, 20]


def test_only_the_persons_messages_make_a_quote_possible() -> None:
    conversation = Conversation()
    conversation.add(Message(mid="m_1", from_person=True, sent_ms=1, content={}))
    conversation.add(Message(mid="m_2", from_person=False, sent_ms=2, content={}))
    assert conversation.person_wrote_ms == 1
    assert conversation.page_wrote_ms == 2
    assert [message.mid for message in conversation.sent_by_page()] == ["m_2"]


def test_a_conversation_forgets_its_oldest_messages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messenger_sandbox.world.MESSAGES_KEPT", 2)
    for number in range(3):
        world.add_message("7", Message(mid=f"m_{number}", from_person=True, sent_ms=number, content={}))
    assert [message.mid for message in world.conversation("7").newest(9)] == ["m_2", "m_1"]
    assert world.find_message("1", "m_0") is None


def test_a_new_token_ends_the_old_one(world: World) -> None:
    world.change_page("1", token="new")
    assert world.page_of_token("canary-token") is None
    assert world.page_of_token("new") == world.page("1")


def test_no_secret_stands_in_a_repr() -> None:
    assert "canary" not in repr(APP) + repr(Page(page_id="1", token="canary-token"))
