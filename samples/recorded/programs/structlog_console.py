"""structlog with its defaults: two workers read orders from a closed port, every 200 ms, until it opens.

    python structlog_console.py plain|rich > log      # `rich`: in colour, with rich installed, as on a terminal
"""

import socket
import sys
import threading
import time

import structlog

COLOURS = sys.argv[1] == "rich"
PORT = 59917
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.StackInfoRenderer(),
        structlog.dev.set_exc_info,
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S" if COLOURS else "iso", utc=True),
        structlog.dev.ConsoleRenderer(
            colors=COLOURS,
            exception_formatter=structlog.dev.RichTracebackFormatter(width=100, extra_lines=1, show_locals=False)
            if COLOURS
            else structlog.dev.plain_traceback,
        ),
    ]
)


class OrdersUnavailable(Exception):
    """The orders can't be read."""


def read_orders(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError as error:
        raise OrdersUnavailable(f"orders at port {port} can't be read") from error


def work(worker, first):
    log = structlog.get_logger().bind(logger="shop.orders", worker=worker)
    time.sleep(first)
    for attempt in range(1, 31):
        log.info("lease requested", attempt=attempt, took=0.25)
        try:
            read_orders(PORT)
        except OrdersUnavailable as error:
            log.error("orders could not be read", code="ORDERS_UNAVAILABLE", attempt=attempt, reason=str(error))
            if attempt in (1, 25):
                log.exception("giving it another try, for the orders have to be read")
        else:
            log.info("orders read", worker_state={"held": True, "by": worker})
            return
        time.sleep(0.2)


workers = [threading.Thread(target=work, args=(f"w{n}", n / 17)) for n in (1, 2)]
for each in workers:
    each.start()
time.sleep(5.2)
with socket.create_server(("127.0.0.1", PORT)):
    for each in workers:
        each.join()
structlog.get_logger().warning("stopped", error=OSError(111, "Connection refused"), left=None, names=["w1", "it's w2"])
structlog.get_logger().critical("")
