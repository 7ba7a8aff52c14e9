"""A processor for `extProc` with `protocol: HTTP`: it masks e-mail addresses in prompts, and refuses confidential ones."""

import base64
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


def answer(message):
    """The ProcessingResponse to a ProcessingRequest."""
    if "requestHeaders" in message:
        return {"requestHeaders": {}}
    prompt = base64.b64decode(message["requestBody"]["body"]).decode()
    if "CONFIDENTIAL" in prompt:
        reason = base64.b64encode(b"This prompt is confidential.").decode()
        return {"immediateResponse": {"status": {"code": 422}, "body": reason}}
    masked = EMAIL.sub("[e-mail]", prompt)
    user = message["metadataContext"]["filterMetadata"]["ctx"]["user"]["metadata"]["name"]
    changes = {
        "headerMutation": {"setHeaders": [{"header": {"key": "x-checked-for", "value": user}}]},
        "bodyMutation": {"body": base64.b64encode(masked.encode()).decode()},
    }
    return {"requestBody": {"response": changes}}


class Processor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["content-length"])))
        body = json.dumps(answer(message)).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", 9002), Processor).serve_forever()
