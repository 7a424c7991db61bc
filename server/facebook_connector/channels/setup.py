"""What operators do about a page at Facebook: subscribe it to its webhook fields, and check whether all is well."""

from __future__ import annotations

from dataclasses import dataclass

from expertflow.connector.v1.channel_pb2 import ChannelCheck
from expertflow.connector.v1.channel_service_pb2 import (
    CheckChannelRequest,
    CheckChannelResponse,
    SubscribeChannelRequest,
    SubscribeChannelResponse,
)
from facebook_connector.channels.administration import Channels
from facebook_connector.channels.check import ChannelChecker
from facebook_connector.channels.directory import Directory
from facebook_connector.channels.judgement import worst
from facebook_connector.channels.refusals import no_token
from facebook_connector.channels.requests import Audited, OperatorRequests
from facebook_connector.channels.rules import require_request_id
from facebook_connector.channels.subscribe import Subscriptions
from facebook_connector.graph.client import GraphClient
from facebook_connector.store.channels import note_subscribed
from facebook_connector.store.database import Transaction
from facebook_connector.timestamps import timestamp
from service_runtime.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSetup:
    """The calls of operators that ask Facebook."""

    channels: Channels
    directory: Directory
    requests: OperatorRequests
    graph: GraphClient
    clock: Clock

    async def subscribe(self, request: SubscribeChannelRequest) -> SubscribeChannelResponse:
        """Raises `ConnectorError` as `Channels.row`, or what Facebook's refusal means; see `refusals`."""
        require_request_id(request.request_id)
        if (first := await self.requests.first_answer(request, SubscribeChannelResponse)) is not None:
            return first
        access = self.directory.access(await self.channels.row(request.page_id))
        if not access.secrets.page_access_token:
            raise no_token(request.page_id)
        subscribed = await Subscriptions(self.graph).subscribe(access)
        response = SubscribeChannelResponse(subscribed_fields=subscribed.fields, refused_fields=subscribed.refused)
        # If the same call ran twice at once, both did the same and the first answer is the one that is kept.
        audited: Audited[SubscribeChannelResponse] = Audited(target=request.page_id, detail=_subscribed)
        answer, _ = await self.requests.run(
            request, SubscribeChannelResponse, lambda transaction, _: _done(transaction, request, response), audited
        )
        return answer

    async def check(self, request: CheckChannelRequest) -> CheckChannelResponse:
        """Raises `ConnectorError` as `Channels.row`. What Facebook refuses is a result."""
        access = self.directory.access(await self.channels.row(request.page_id))
        now_ms = self.clock.now_ms()
        judged = await ChannelChecker(self.graph).check(access, now_ms)
        return CheckChannelResponse(
            state=worst(judged),
            checks=[
                ChannelCheck(name=one.name, state=one.state, detail=one.detail, disables=one.disables) for one in judged
            ],
            check_time=timestamp(now_ms),
        )


def _done(
    transaction: Transaction, request: SubscribeChannelRequest, response: SubscribeChannelResponse
) -> SubscribeChannelResponse:
    note_subscribed(transaction, request.page_id)
    return response


def _subscribed(answer: SubscribeChannelResponse) -> str:
    refused = f"; refused: {', '.join(answer.refused_fields)}" if answer.refused_fields else ""
    return f"fields: {', '.join(answer.subscribed_fields)}{refused}"
