"""A service that can't reach what it needs while it starts."""

import socket
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    socket.create_connection(("127.0.0.1", 5), timeout=1)
    yield


app = Starlette(lifespan=lifespan)
