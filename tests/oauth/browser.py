"""A player's browser, without a window: it follows redirects, keeps cookies, and submits forms and refreshes of pages as they stand."""

import html.parser
import urllib.parse

import requests

PATIENCE_S = 30


class Page(html.parser.HTMLParser):
    """The forms of a page, each with its buttons by what they say, and where the page leads by itself."""

    def __init__(self, answer):
        super().__init__()
        self.url, self.forms, self.refresh, self._button = answer.url, [], None, None
        self.feed(answer.text)

    def handle_starttag(self, tag, attributes):
        attribute = dict(attributes)
        if tag == "form":
            self.forms.append({"action": attribute["action"], "fields": {}, "buttons": {}})
        elif tag == "input":
            self.forms[-1]["fields"][attribute["name"]] = attribute.get("value", "")
        elif tag == "button" and self.forms:
            self._button = attribute
        elif tag == "meta" and attribute.get("http-equiv") == "refresh":
            self.refresh = attribute["content"].split("url=", 1)[1]

    def handle_data(self, data):
        if self._button is not None:
            field = {self._button["name"]: self._button["value"]} if "name" in self._button else {}
            self.forms[-1]["buttons"][data] = field
            self._button = None


class Browser:
    """Ends with a `with`."""

    def __init__(self):
        self.session = requests.Session()
        # A proxy of this machine has no part in it.
        self.session.trust_env = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.session.close()

    def open(self, url):
        """The page that one sees there."""
        answer = self.session.get(url, timeout=PATIENCE_S)
        answer.raise_for_status()
        return Page(answer)

    def press(self, page, label):
        """The page after the button that says this."""
        form = next(form for form in page.forms if label in form["buttons"])
        origin = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(page.url))
        address = urllib.parse.urljoin(page.url, form["action"])
        fields = form["fields"] | form["buttons"][label]
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        answer = self.session.post(address, data=fields, headers=headers, timeout=PATIENCE_S)
        answer.raise_for_status()
        return Page(answer)

    def answer(self, url, label):
        """Where the browser is sent to when the player, who signs in first if need be, answers a service's question so."""
        page = self.open(url)
        if any("Decline" in form["buttons"] for form in page.forms):
            page = self.press(page, "Approve")
        return self.press(page, label).refresh
