"""Where RabbitMQ is: one node or several of a cluster, which are tried in turn."""
from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Union
from urllib.parse import parse_qs, urlsplit

import pika

__all__ = ["Nodes", "nodes_of"]

#: An AMQP URI, several, or pika's own parameters, such as for a certificate authority of one's own.
Nodes = Union[str, pika.ConnectionParameters, Sequence[Union[str, pika.ConnectionParameters]]]

# Seconds. Shorter than pika's, because another node may be there; what a URI says stays.
_HEARTBEAT = 30
_CONNECT = 3
_HANDSHAKE = 4
# Milliseconds until the kernel gives up a node that acknowledges no packet.
_USER_TIMEOUT = 5_000


def nodes_of(nodes: Nodes) -> list[pika.ConnectionParameters]:
    """The parameters of each node; raises ValueError if there is none or a URI is wrong."""
    given = [nodes] if isinstance(nodes, (str, pika.ConnectionParameters)) else list(nodes)
    if not given:
        raise ValueError("urls names no RabbitMQ")
    return [_of_url(node) if isinstance(node, str) else copy.copy(node) for node in given]


def _of_url(url: str) -> pika.ConnectionParameters:
    try:
        parts = urlsplit(url)
        parameters = pika.URLParameters(url) if parts.scheme in ("amqp", "amqps") and parts.hostname else None
    except ValueError:
        parameters = None
    if parameters is None:
        # Never with the URI, nor with what is wrong with it: a password with a slash is taken for a port.
        raise ValueError("urls: an AMQP URI such as amqp://user:password@host:5672/ is needed")
    said = parse_qs(parts.query)
    parameters.connection_attempts = 1
    if "heartbeat" not in said:
        parameters.heartbeat = _HEARTBEAT
    if "socket_timeout" not in said:
        parameters.socket_timeout = _CONNECT
    if "stack_timeout" not in said:
        parameters.stack_timeout = _HANDSHAKE
    if "tcp_options" not in said:
        parameters.tcp_options = {"TCP_USER_TIMEOUT": _USER_TIMEOUT}
    return parameters
