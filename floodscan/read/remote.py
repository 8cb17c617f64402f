"""Inputs named by a URL (`s3://`, `gs://`, `https://`), through fsspec: listed by one process, read by any.

Credentials come from the environment of the process that reads. A URL may hold secrets (a password, a signed query): it
is never shown but as `shown` gives it, and no message of a library, which would quote it, is passed on.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from typing import Any, BinaryIO, Final, cast

from floodscan.errors import UnreadableInput, extra
from floodscan.regex import regex
from floodscan.value import frozen

_URL: Final = regex(r"[A-Za-z][A-Za-z0-9+.-]{1,30}(?:://|::)")
_USERINFO: Final = regex(r"(?<=://)(?:[^/]*@|[^/@:]+:(?!\d{1,5}/)[^@?#]*@)")
"""User and password; a secret key may hold a slash, which no port does."""
_QUERY: Final = regex(r"\?.*=.*", re.DOTALL)
"""A question mark alone is part of a glob."""
_WEB_QUERY: Final = regex(r"[?#].*", re.DOTALL)
_WEB: Final = ("http", "https")
_AHEAD: Final = 8 << 20
"""Bytes fetched by one request: enough to hide its latency, little beside a worker's memory."""
_HINTS: Final = {
    "s3": "credentials are read from the environment (AWS_PROFILE, AWS_ACCESS_KEY_ID, ...; FSSPEC_S3_ANON=true: none)",
    "gs": "credentials are read from the environment (GOOGLE_APPLICATION_CREDENTIALS, ...)",
}


@frozen
class Remote:
    """An object that a URL names."""

    url: str = field(repr=False)
    """As it is opened, secrets and all."""
    ranges: bool = True
    """Whether any byte of it can be asked for; else it is read from its beginning to its end."""

    @property
    def name(self) -> str:
        return shown(self.url)

    def open(self, start: int) -> BinaryIO:
        """The object from byte `start` on. Raises UnreadableInput; its `read` raises RemoteError."""
        with _explained(self.url):
            fs, path = _filesystem(self.url)
            if not self.ranges:
                return cast(BinaryIO, _Reader(fs.open(path, "rb", block_size=0)))
            file = fs.open(path, "rb", block_size=_AHEAD, cache_type="readahead")
            file.seek(start)
            return cast(BinaryIO, _Reader(file))


class RemoteError(OSError):
    """Reading broke off; `strerror` says why in words of ours."""


class _Reader:
    """A file of fsspec, whose errors are of any library: here they are of one class, and quote nothing."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def read(self, size: int) -> bytes:
        try:
            return cast(bytes, self._file.read(size))
        except Exception as error:
            raise RemoteError(errno.EIO, _reason(error)) from None

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self._file.close()
        except Exception:  # what was read stays read
            pass


def is_url(arg: str) -> bool:
    """Whether an argument is a URL rather than a path."""
    return _URL.match(arg) is not None


def shown(url: str) -> str:
    """The URL without what may be secret: user and password, and the query (a signature, a token)."""
    query = _WEB_QUERY if "http://" in url or "https://" in url else _QUERY
    return query.sub("", _USERINFO.sub("", url))


def find_remote(url: str, is_log: Callable[[str], object]) -> list[tuple[Remote, int | None]]:
    """What a URL names, with the bytes of each where they are known: an object, a glob's objects, or a folder's logs.

    is_log: which names of a folder are logs. Raises UnreadableInput.
    """
    with _explained(url):
        fs, path = _filesystem(url)
        web = _protocol(url) in _WEB
        if "*" in path if web else re.search(r"[*?[]", path):
            found = fs.glob(path, detail=True)
            if found or not fs.exists(path):
                return _objects(fs, found, url, path, "no object matches")
        info = fs.info(path)
        if info.get("type") == "directory" and not web:
            inside = {name: one for name, one in fs.find(path, detail=True).items() if is_log(name.rsplit("/", 1)[-1])}
            return _objects(fs, inside, url, path, "no logs in this folder")
        return [(Remote(url, not web or bool(info.get("partial"))), info.get("size"))]


def _objects(fs: Any, found: dict[str, Any], url: str, path: str, otherwise: str) -> list[tuple[Remote, int | None]]:
    files = sorted(name for name, info in found.items() if info.get("type") != "directory")
    if not files:
        raise UnreadableInput(shown(url), otherwise)
    # What stands before the path (a host, a user) belongs to each object's URL too.
    whole = url.rstrip("/")
    before = whole.removesuffix(path) if whole.endswith(path) else None
    urls = [fs.unstrip_protocol(name) if before is None else before + name for name in files]
    ranges = _protocol(url) not in _WEB
    return [(Remote(one, ranges), found[name].get("size")) for one, name in zip(urls, files, strict=True)]


def _filesystem(url: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    fs, path = url_to_fs(url, use_listings_cache=False)
    return fs, path


def _protocol(url: str) -> str:
    return url.partition(":")[0].lower()


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """Turns whatever a library raises into UnreadableInput."""
    try:
        yield
    except UnreadableInput:
        raise
    except ImportError:
        missing = f"needs a library for {_protocol(url)}, which is not installed"
        raise UnreadableInput(shown(url), missing, hint=extra("cloud")) from None
    except Exception as error:
        raise UnreadableInput(shown(url), _reason(error), hint=_hint(url, error)) from None


def _reason(error: BaseException) -> str:
    """Why, in a few words of ours: by the class of the error, since its message may quote the URL."""
    if isinstance(error, FileNotFoundError) and error.__cause__ is not None:
        return _reason(error.__cause__)  # so fsspec calls whatever a web server does
    status = getattr(error, "status", None)
    names = {cls.__name__ for cls in type(error).__mro__}
    if isinstance(error, FileNotFoundError) or status == 404:
        return "no such object"
    if isinstance(error, PermissionError) or status in (401, 403):
        return "access denied"
    if names & {"NoCredentialsError", "PartialCredentialsError", "DefaultCredentialsError", "TokenRetrievalError"}:
        return "no credentials"
    if isinstance(status, int):
        return f"the server answered {status}"
    if isinstance(error, TimeoutError):
        return "the server did not answer in time"
    if isinstance(error, ConnectionError) or names & {"ClientConnectionError", "EndpointConnectionError"}:
        return "the server can't be reached"
    if isinstance(error, ValueError) and "rotocol not known" in str(error):
        return "a kind of URL that is not known"
    return f"reading failed ({type(error).__name__})"


def _hint(url: str, error: BaseException) -> str | None:
    if _reason(error) in ("access denied", "no credentials"):
        return _HINTS.get(_protocol(url).replace("gcs", "gs").replace("s3a", "s3"))
    return None
