#!/usr/bin/env python3
"""Starts calls and changes voices.

producer.py call BUSINESS_ID [TIMES]                 prints each answer: the voice to speak with, and why
producer.py voice BUSINESS_ID VOICE_ID [--result]    gives a business another voice; prints what became of it
"""
import json
import os
import re
import sys
import time
import uuid
from datetime import datetime, timezone

import pika
import pika.exceptions

PATIENCE = 60  # seconds for all answers


class Refused(Exception):
    """The worker did not take a message, because it breaks the contract: which fields and which rules."""

    def __init__(self, refusal):
        self.broken = [(rule["field"], rule["rule"]) for rule in refusal["broken"]]
        super().__init__("; ".join(f"{field or 'message'}: {rule}" for field, rule in self.broken))


def main(arguments):
    match arguments:
        case ["call", business_id] | ["call", business_id, _]:
            business_id, times = number("BUSINESS_ID", business_id), number("TIMES", (arguments[2:] or ["1"])[0])
            return with_channel(lambda channel: call(channel, business_id, times))
        case ["voice", business_id, voice_id] | ["voice", business_id, voice_id, "--result"]:
            business_id, voice_id, asks = number("BUSINESS_ID", business_id), voice(voice_id), len(arguments) == 4
            return with_channel(lambda channel: change_voice(channel, business_id, voice_id, asks))
    print(__doc__.strip(), file=sys.stderr)
    return 2


# What breaks the contract would be moved to the worker's error queue: it is refused here, before it is sent.
def number(name, text):
    if re.fullmatch("[0-9]{1,10}", text) and 1 <= int(text) <= 2**31 - 1:
        return int(text)
    refuse(f"{name} must be an integer from 1 to 2147483647, not {text!r}")


def voice(text):
    if 1 <= len(text.strip()) <= 32 and text.strip().isprintable():
        return text
    refuse(f"VOICE_ID must be 1 to 32 printable characters, not {text!r}")


def refuse(reason):
    print(reason, file=sys.stderr)
    sys.exit(2)


def with_channel(use):
    try:
        connection = pika.BlockingConnection(pika.URLParameters(os.environ.get("AMQP_URL", "amqp://localhost")))
    except (pika.exceptions.AMQPError, OSError) as error:
        print(f"RabbitMQ does not answer: {error!r}", file=sys.stderr)
        return 1
    try:
        channel = connection.channel()
        channel.confirm_delivery()  # from now on basic_publish returns when RabbitMQ has the message, or raises
        return use(channel)
    except Refused as refused:
        print(f"refused: {refused}", file=sys.stderr)
        return 1
    finally:
        connection.close()


def call(channel, business_id, times):
    calls = [f"CA-{uuid.uuid4().hex}" for _ in range(times)]
    return ask(channel, "call-started", {
        call_id: {"callId": call_id, "businessId": business_id, "startedAt": now()} for call_id in calls})


def change_voice(channel, business_id, voice_id, asks):
    change = {"businessId": business_id, "voiceId": voice_id, "changedAt": now(), "changedBy": "producer.py"}
    if asks:
        return ask(channel, "business-voice-changed", {uuid.uuid4().hex: change})
    publish(channel, "business-voice-changed", change)
    return 0


def ask(channel, exchange, messages):
    """Publishes messages by correlation id and prints their answers."""
    waiting = set(messages)

    def on_answer(_channel, _method, properties, body):
        if properties.type in ("CallRefused", "ChangeRefused"):
            raise Refused(json.loads(body))
        waiting.discard(properties.correlation_id)
        print(body.decode(), flush=True)

    channel.basic_consume("amq.rabbitmq.reply-to", on_answer, auto_ack=True)
    for correlation_id, message in messages.items():
        publish(channel, exchange, message, reply_to="amq.rabbitmq.reply-to", correlation_id=correlation_id)

    deadline = time.monotonic() + PATIENCE
    while waiting and time.monotonic() < deadline:
        channel.connection.process_data_events(time_limit=1)
    if waiting:
        print(f"{len(waiting)} messages have no answer yet: they are queued", file=sys.stderr)
    return 1 if waiting else 0


def publish(channel, exchange, message, **properties):
    channel.basic_publish(exchange, "", json.dumps(message), pika.BasicProperties(
        content_type="application/json", delivery_mode=2, **properties), mandatory=True)


def now():
    return datetime.now(timezone.utc).isoformat()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
