"""`POST /{page}/message_attachments`: takes a file by URL or from the call, and answers with its id.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/attachment-upload-api
"""

from __future__ import annotations

from messenger_sandbox.errors import RefusedError
from messenger_sandbox.graph.call import Answer, GraphCall
from messenger_sandbox.graph.intake import take
from messenger_sandbox.rules.attempt import as_object, bad
from messenger_sandbox.rules.content import MEDIA_TYPES, media_fault


async def upload(call: GraphCall) -> Answer:
    page = call.page("pages_messaging")
    attachment = as_object(as_object(call.params.get("message")).get("attachment"))
    fault = media_fault(attachment, "message[attachment]", allowed=MEDIA_TYPES, has_file=call.file is not None)
    if fault is None and as_object(attachment.get("payload")).get("attachment_id") is not None:
        fault = bad("Param message[attachment][payload] must hold a url, or a file must come with the call")
    if fault is not None:
        raise RefusedError(fault)
    taken = await take(call, page, attachment)
    return Answer(body={"attachment_id": taken.attachment_id}, facts={"attachment_id": taken.attachment_id})
