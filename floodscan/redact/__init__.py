"""Takes secrets and e-mail addresses out of log text, at ingest and before anything is cut short.

`redact` puts a tag (kind, fingerprint) in a secret's place; `Tagger` numbers the tags in the order of the report.
"""

from floodscan.redact.jwt import JwtFacts, find_jwts, jwt_facts
from floodscan.redact.names import Pseudonyms, Tagger, hide_people
from floodscan.redact.text import clip, redact, redact_name, redact_value
from floodscan.safe import TAG

__all__ = [
    "TAG",
    "JwtFacts",
    "Pseudonyms",
    "Tagger",
    "clip",
    "find_jwts",
    "hide_people",
    "jwt_facts",
    "redact",
    "redact_name",
    "redact_value",
]
