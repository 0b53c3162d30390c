"""The ends of certificates as a calendar that a vendor subscribes to; the same certificates make the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

import icalendar

from ai_conformance.submission.certified.lifetimes import WARNING_DAYS, Certificate


def to_bytes(certificates: Iterable[Certificate]) -> bytes:
    """An iCalendar file (RFC 5545): a day for each certificate whose end is known, with an alarm ahead of it."""
    whole = icalendar.Calendar()
    whole.add("prodid", "-//ai-conformance//submission status//EN")
    whole.add("version", "2.0")
    for one in certificates:
        if one.ends is None or one.merged is None:
            continue
        event = icalendar.Event()
        event.add("uid", f"{one.folder}/{one.merged.isoformat()}@ai-conformance")
        # When the event was made; the merge made it, and the clock would change the file every day.
        event.add("dtstamp", datetime.combine(one.merged, time(), tzinfo=UTC))
        event.add("dtstart", one.ends)
        event.add("summary", f"{one.name} (Kubernetes {one.release}): the certificate ends")
        event.add(
            "description", f"{one.folder}, merged on {one.merged.isoformat()}. A newer release keeps it certified."
        )
        event.add("transp", "TRANSPARENT")
        alarm = icalendar.Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", f"{one.name} (Kubernetes {one.release}): {WARNING_DAYS} days left")
        alarm.add("trigger", timedelta(days=-WARNING_DAYS))
        event.add_component(alarm)
        whole.add_component(event)
    content: bytes = whole.to_ical()
    return content
