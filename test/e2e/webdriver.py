"""A headless Chromium, driven over WebDriver's HTTP by the standard library alone."""

import json
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=900,900",
]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def browser_paths():
    """(chromium, chromedriver), or None where one of them is not installed."""
    paths = shutil.which("chromium"), shutil.which("chromedriver")
    return paths if all(paths) else None


class Browser:
    """A session; use as a context."""

    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="chromium-")
        chromium, driver = browser_paths()
        self.driver = subprocess.Popen(
            [driver, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            for line in self.driver.stdout:
                if found := re.search(r"started successfully on port (\d+)", line):
                    break
            else:
                raise AssertionError("chromedriver did not start")
            self.base = f"http://127.0.0.1:{found.group(1)}/session"
            arguments = [*FLAGS, f"--user-data-dir={self.profile.name}"]
            answer = self.send(
                "POST",
                "",
                {
                    "capabilities": {
                        "alwaysMatch": {
                            "browserName": "chrome",
                            "goog:loggingPrefs": {"browser": "ALL"},
                            "goog:chromeOptions": {"binary": chromium, "args": arguments},
                        }
                    }
                },
            )
            self.base += "/" + answer["sessionId"]
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.send("DELETE", "")
        finally:
            self.close()

    def close(self):
        self.driver.terminate()
        self.driver.wait(timeout=30)
        self.driver.stdout.close()
        self.profile.cleanup()

    def send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.base + path, data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()[:2000]}") from error

    def open(self, url):
        self.send("POST", "/url", {"url": url})

    def script(self, text, *arguments):
        return self.send("POST", "/execute/sync", {"script": text, "args": list(arguments)})

    def find(self, selector):
        return self.send("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def type(self, selector, text):
        self.send("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def click(self, selector):
        self.send("POST", f"/element/{self.find(selector)}/click", {})

    def text(self, selector):
        return self.script("return document.querySelector(arguments[0]).textContent", selector)

    def wait(self, what, expression, seconds=60):
        """Until the JavaScript expression is true; its value."""
        end = time.monotonic() + seconds
        while True:
            value = self.script(f"return {expression}")
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(
                    f"waited {seconds} s for {what}; the page says:\n"
                    + self.script("return document.body.innerText")
                )
            time.sleep(0.05)

    def errors(self):
        """What the console holds of errors."""
        return [
            entry["message"]
            for entry in self.send("POST", "/se/log", {"type": "browser"})
            if entry["level"] == "SEVERE"
        ]

    def screenshot(self):
        import base64

        return base64.b64decode(self.send("GET", "/screenshot"))
