"""gunicorn for flask_app: two processes with ten threads each."""
bind = "127.0.0.1:8000"
workers = 2
worker_class = "gthread"
threads = 10
preload_app = True


def post_fork(server, worker):
    # In the worker, so that the first call of each does not wait for the connection.
    from flask_app import client

    client.connect()
