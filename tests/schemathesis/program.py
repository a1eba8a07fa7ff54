"""The real program, as a process of its own."""

import os
import re
import subprocess
import threading

LISTENS = re.compile(r"listening on (http://127\.0\.0\.1:\d+)")
PATIENCE_S = 15


class Program:
    """Serves with this configuration until the end of a `with`, which fails when the program does not end well."""

    def __init__(self, binary, file, listen="127.0.0.1:0"):
        options = ["serve", "--config", file, "--listen", listen, "--admin", "false"]
        self.command = [binary, *options]

    def __enter__(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HASJOINED_")}
        self.log = []
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        found, self.url = threading.Event(), None

        def read():
            for line in self.process.stdout:
                self.log.append(line)
                if self.url is None and (match := LISTENS.search(line)):
                    self.url = match[1]
                    found.set()
            found.set()

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        found.wait(PATIENCE_S)
        if self.url is None:
            self.process.kill()
            raise RuntimeError("never said where it listens:\n" + "".join(self.log))
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            status = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = "no end"
        self.reader.join(PATIENCE_S)
        self.process.stdout.close()
        if status != 0:
            raise RuntimeError(f"ended with {status}, not with 0:\n" + "".join(self.log[-40:]))
