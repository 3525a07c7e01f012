"""The driver of voice_worker_client.VoiceClient: clients/conformance/README.md."""
from __future__ import annotations

import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from commands import (
    Consumers,
    answer,
    arguments_of_call,
    arguments_of_change,
    commands,
    of_change,
    of_error,
    of_voice,
    write,
    write_gaps,
)
from voice_worker_client import VoiceClient


def carry_out(client: VoiceClient, command: dict[str, Any]) -> None:
    begin = time.monotonic()
    try:
        if command["do"] == "voiceFor":
            said = of_voice(client.voice_for(**arguments_of_call(command)))
        else:
            said = of_change(client.change_voice(**arguments_of_change(command)))
    except Exception as error:
        said = of_error(error)
    answer(command, begin, said)


def main() -> None:
    urls = os.environ["AMQP_URLS"].split()
    consumers = Consumers(urls)
    with VoiceClient(urls) as client, ThreadPoolExecutor(50) as threads:
        for command in commands():
            if command["do"] == "counts":
                counts = client.counts
                write({
                    "id": command["id"], "answered": counts.answered, "defaulted": counts.defaulted,
                    "late": counts.late})
            elif command["do"] == "consume":
                consumers.start(command)
            elif command["do"] == "gaps":
                write_gaps(command)
            else:
                threads.submit(carry_out, client, command)
        consumers.end()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    main()
