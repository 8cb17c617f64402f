"""How often something is in a report, by the id of its content: what budgets and the baseline are held against."""

from __future__ import annotations

from floodscan.model import Report, Subject


def count_of(report: Report, subject: Subject, id: str) -> int:
    """Records of a signature, cause or rule; iterations of a loop; lines of a finding. 0 where it is not there.

    A signature goes by any of its names: one that was rolled up counts as the one that it is shown in. A record counts once for a cause, whatever
    findings of that cause it belongs to. A loop and a finding go by their fingerprints.
    """
    if subject == "signature":
        return sum(s.count for s in report.signatures if id in s.names)
    if subject == "loop":
        return sum(loop.iterations for loop in report.loops if loop.fingerprint == id)
    if subject == "finding":
        return sum(max(1, finding.lines) for finding in report.findings if finding.fingerprint == id)
    found = [finding for finding in report.findings if id == (finding.cause if subject == "cause" else finding.rule)]
    signatures = {signature for finding in found for signature in finding.signatures}
    records = sum(s.count for s in report.signatures if not signatures.isdisjoint((s.id, *s.rolled_up)))
    return records or sum(max(1, finding.lines) for finding in found)
