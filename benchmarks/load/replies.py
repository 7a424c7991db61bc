"""CCM that answers: a process that calls SendMessage, and waits until Facebook has each message.

python -m benchmarks.load.replies SERVER IN_FLIGHT SECONDS
"""

from __future__ import annotations

import secrets
import sys

import grpc.aio
import uvloop

from benchmarks.load.workers import work
from benchmarks.world import CUSTOMERS, page_of, psid
from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.connector_service_pb2 import SendMessageRequest
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub
from expertflow.connector.v1.outbound_pb2 import SEND_STATE_SENT

RUN = secrets.token_hex(8)


def reply(customer: int, times: int) -> CimMessage:
    """A text of usual size; another one each time."""
    message = CimMessage(id=f"reply-{RUN}-{customer}-{times}")
    message.header.sender.type = "AGENT"
    message.header.channel_data.service_identifier = page_of(customer)
    message.header.channel_data.channel_customer_identifier = psid(customer)
    message.body.type = "PLAIN"
    message.body.markdown_text = f"Your order left our warehouse this morning; it will be with you tomorrow. ({times})"
    message.body.plain.SetInParent()
    return message


async def main(server: str, in_flight: str, seconds: str) -> None:
    """Sends, and prints."""
    async with grpc.aio.insecure_channel(server) as channel:
        stub = ConnectorServiceStub(channel)

        async def send(customer: int, times: int) -> bool:
            answer = await stub.SendMessage(SendMessageRequest(message=reply(customer, times)))
            return answer.state == SEND_STATE_SENT

        print(await work(send, int(in_flight), CUSTOMERS, float(seconds)))


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
