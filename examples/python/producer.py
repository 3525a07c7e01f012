#!/usr/bin/env python3
"""Starts calls and changes voices.

producer.py call BUSINESS_ID [TIMES]      prints each answer: the voice to speak with, and why
producer.py voice BUSINESS_ID VOICE_ID    gives a business another voice
"""
import json
import os
import sys
import time
import uuid
from datetime import datetime, timezone

import pika

PATIENCE = 60  # seconds for all answers


def main(arguments):
    match arguments:
        case ["call", business_id, *times]:
            return with_channel(lambda channel: call(channel, int(business_id), int(times[0]) if times else 1))
        case ["voice", business_id, voice_id]:
            return with_channel(lambda channel: change_voice(channel, int(business_id), voice_id))
    print(__doc__.strip(), file=sys.stderr)
    return 2


def with_channel(use):
    connection = pika.BlockingConnection(pika.URLParameters(os.environ.get("AMQP_URL", "amqp://localhost")))
    try:
        channel = connection.channel()
        channel.confirm_delivery()  # from now on basic_publish returns when RabbitMQ has the message, or raises
        return use(channel)
    finally:
        connection.close()


def call(channel, business_id, times):
    waiting = set()

    def on_answer(_channel, _method, properties, body):
        waiting.discard(properties.correlation_id)
        print(body.decode(), flush=True)

    channel.basic_consume("amq.rabbitmq.reply-to", on_answer, auto_ack=True)
    for _ in range(times):
        call_id = f"CA-{uuid.uuid4().hex}"
        waiting.add(call_id)
        publish(channel, "call-started", {"callId": call_id, "businessId": business_id, "startedAt": now()},
                reply_to="amq.rabbitmq.reply-to", correlation_id=call_id)

    deadline = time.monotonic() + PATIENCE
    while waiting and time.monotonic() < deadline:
        channel.connection.process_data_events(time_limit=1)
    if waiting:
        print(f"{len(waiting)} calls have no answer: queued, or in the error queue if they break the contract", file=sys.stderr)
    return 1 if waiting else 0


def change_voice(channel, business_id, voice_id):
    publish(channel, "business-voice-changed",
            {"businessId": business_id, "voiceId": voice_id, "changedAt": now(), "changedBy": "producer.py"})
    return 0


def publish(channel, exchange, message, **properties):
    channel.basic_publish(exchange, "", json.dumps(message), pika.BasicProperties(
        content_type="application/json", delivery_mode=2, **properties), mandatory=True)


def now():
    return datetime.now(timezone.utc).isoformat()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
