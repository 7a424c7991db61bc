"""The Attachment Upload API: hands a file to Facebook, which names it by an id that sends of the page may use.

Nobody sees an upload, so it may be made again when nobody knows how it ended. Source:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/attachment-upload-api
"""

from __future__ import annotations

from cim_messenger.outbound import MediaKind
from facebook_connector.graph.client import (
    MEDIA_TIMEOUT_S,
    Credentials,
    FilePart,
    GraphCall,
    GraphClient,
    GraphUnreachableError,
)
from facebook_connector.sending.graph_answers import Answered, Unanswered
from facebook_connector.sending.uploading import UploadAnswer
from facebook_connector.sending.values import SendingChannel


class UploadApi:
    """Uploads files through a `GraphClient`."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def upload(self, channel: SendingChannel, kind: MediaKind, file: FilePart) -> UploadAnswer:
        """Makes one call, once, and tells what came of it; raises nothing of the network's."""
        call = GraphCall(
            method="POST",
            path=f"{channel.page_id}/message_attachments",
            credentials=Credentials(token=channel.page_token, app_secret=channel.app_secret),
            version=channel.graph_version,
            body={"message": {"attachment": {"type": kind.value, "payload": {"is_reusable": True}}}},
            file=file,
            timeout_s=MEDIA_TIMEOUT_S,
        )
        try:
            reply = await self._graph.call(call)
        except GraphUnreachableError as error:
            return UploadAnswer(answer=Unanswered(bytes_left=error.bytes_left, cause=error.cause))
        attachment_id = reply.body.get("attachment_id") if reply.ok else None
        return UploadAnswer(
            attachment_id=attachment_id if isinstance(attachment_id, str) else "",
            answer=Answered(status=reply.status, error=reply.error, regain_ms=reply.usage.regain_ms),
        )
