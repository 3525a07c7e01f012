#!/usr/bin/env python3
"""Keeps the audit trail: every event once, and the proof that none is missing or altered.

audit_consumer.py            consumes until it is stopped
audit_consumer.py --proof    says what is there, missing and altered; 1 if anything is

AMQP_URL, AUDIT_QUEUE (audit-python), AUDIT_FILE (audit.db). One process for each queue and file.
"""
import os
import sys
import time

import pika
import pika.exceptions

from ledger import Ledger

QUEUE = os.environ.get("AUDIT_QUEUE", "audit-python")
BATCH = 100

# Nothing is dropped, however often this process is killed, and where a policy limits the queue the worker waits.
# One consumer at a time: in order, also while RabbitMQ has not noticed that the connection before this one is dead.
QUEUE_ARGUMENTS = {"x-queue-type": "quorum", "x-delivery-limit": 2**31 - 1, "x-overflow": "reject-publish",
                   "x-single-active-consumer": True}


def main(arguments):
    ledger = Ledger(os.environ.get("AUDIT_FILE", "audit.db"))
    if arguments == ["--proof"]:
        return prove(ledger)
    if arguments:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    while True:
        try:
            consume(ledger)
        except (pika.exceptions.AMQPError, OSError) as error:  # OSError: its name is not found
            ledger.rollback()  # what was not acknowledged comes again
            print(f"connection lost ({error!r}), again in 1 s", flush=True)
            time.sleep(1)


def consume(ledger):
    with pika.BlockingConnection(pika.URLParameters(os.environ.get("AMQP_URL", "amqp://localhost"))) as connection:
        channel = connection.channel()
        channel.exchange_declare("voice-audit", "fanout", durable=True)
        channel.queue_declare(QUEUE, durable=True, arguments=QUEUE_ARGUMENTS)
        channel.queue_bind(QUEUE, "voice-audit")
        channel.basic_qos(prefetch_count=5 * BATCH)
        print(f"consuming {QUEUE}", flush=True)

        new = again = replayed = pending = 0
        for method, properties, body in channel.consume(QUEUE, inactivity_timeout=0.1):
            if method is not None:
                if ledger.add(body.decode(), properties.type):
                    new += 1
                else:
                    again += 1
                replayed += (properties.headers or {}).get("x-replay") is True
                pending += 1
                tag = method.delivery_tag
            if pending and (method is None or pending == BATCH):
                # First durable, then acknowledged: a crash in between brings them again, and they are dropped.
                ledger.commit()
                channel.basic_ack(tag, multiple=True)
                pending = 0
                print(f"new {new}, dropped {again}, replayed {replayed}", flush=True)


def prove(ledger):
    events, streams, missing, repeated = ledger.proof()
    altered = list(ledger.altered())
    print(f"events {events}, streams {streams}, missing {missing}, repeated {repeated}, altered {len(altered)}")
    for stream, first, last in ledger.gaps():
        print(f"missing: {stream} {first}..{last}")
    for stream, sequence in altered:
        print(f"altered: {stream} {sequence}")
    return 1 if missing or repeated or altered else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(0)
