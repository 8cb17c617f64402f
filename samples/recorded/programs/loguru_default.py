"""loguru with its default format: an error with its frames, six times.

    python loguru_default.py plain|diagnose > log      # `diagnose`: loguru's default, with the values of each line
"""

import sys
import time

from loguru import logger

logger.remove()
logger.add(sys.stdout, diagnose=sys.argv[1] == "diagnose", colorize=sys.argv[1] == "diagnose")


class OrdersUnavailable(Exception):
    """The orders can't be read."""


def connect(host):
    raise ConnectionRefusedError(111, f"Connection refused by {host}")


def read_orders(order_id):
    try:
        connect("127.0.0.1")
    except OSError as error:
        raise OrdersUnavailable(f"order {order_id} can't be read") from error


@logger.catch
def divide(whole, parts):
    return whole / parts


logger.info("orders are read")
for order in range(6):
    try:
        read_orders(order)
    except OrdersUnavailable:
        logger.exception("order query failed")
    logger.success("attempt {} is over", order)
    time.sleep(0.3)
divide(1, 0)
logger.critical("giving up")
