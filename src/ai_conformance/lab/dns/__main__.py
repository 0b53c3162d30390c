"""The name server's process: `python -m ai_conformance.lab.dns`."""

from __future__ import annotations

import socketserver
import struct
import sys
import threading

from ai_conformance.lab.account import Account, ApiTrouble
from ai_conformance.lab.dns import PORT
from ai_conformance.lab.dns.messages import BadMessageError, Code, Question, answer
from ai_conformance.lab.dns.records import reply


def answered(message: bytes, *, account: Account) -> bytes | None:
    """What to answer to a message; None to one that is no question."""
    try:
        question = Question.parse(message)
    except BadMessageError:
        return None
    try:
        return reply(question, get=account.get)
    except ApiTrouble as trouble:
        print(f"{question.name}: {trouble}", file=sys.stderr, flush=True)  # noqa: T201 - a pod's log
        return answer(question, code=Code.SERVER_FAILURE)


def main() -> None:
    """Answer over UDP and TCP until the end."""
    account = Account()

    class Datagram(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            """One question."""
            message, socket = self.request
            said = answered(message, account=account)
            if said is not None:
                socket.sendto(said, self.client_address)

    class Stream(socketserver.StreamRequestHandler):
        timeout = 10

        def handle(self) -> None:
            """Questions, each after its length."""
            while len(length := self.rfile.read(2)) == 2:
                said = answered(self.rfile.read(*struct.unpack("!H", length)), account=account)
                if said is None:
                    return
                self.wfile.write(struct.pack("!H", len(said)) + said)

    streams = socketserver.ThreadingTCPServer(("", PORT), Stream)
    threading.Thread(target=streams.serve_forever, daemon=True).start()
    socketserver.ThreadingUDPServer(("", PORT), Datagram).serve_forever()


if __name__ == "__main__":
    main()
