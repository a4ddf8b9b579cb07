"""LitServe's server of the bundle's graph: BUNDLE PORT FOLDER."""

import sys
from pathlib import Path
from typing import Any

import litserve

sys.path.insert(0, str(Path(__file__).parents[1]))
from plain import answering


class Graph(litserve.LitAPI):
    """Rows in, answers out."""

    def setup(self, device: Any) -> None:
        """Load the graph, in the process that answers."""
        self.answer = answering(sys.argv[1])

    def decode_request(self, request: dict) -> Any:
        """The rows."""
        return request["rows"]

    def predict(self, rows: Any) -> Any:
        """Their answers."""
        return self.answer(rows)

    def encode_response(self, output: Any) -> Any:
        """As they are."""
        return output


if __name__ == "__main__":
    server = litserve.LitServer(Graph(), accelerator="cpu", track_requests=False)
    server.run(host="127.0.0.1", port=int(sys.argv[2]), generate_client_file=False, log_level="warning")
