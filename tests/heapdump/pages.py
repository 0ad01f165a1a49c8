"""Walks over the pages of goprof heapdump web as a browser would."""
import html
import re
import subprocess
import urllib.error
import urllib.request

PAGES = 60


class Server:
    def __init__(self, goprof, *words):
        self.process = subprocess.Popen([goprof, "heapdump", "web", *map(str, words),
                                         "--no-browser"], stderr=subprocess.PIPE, text=True)
        said = self.process.stderr.readline()
        self.address = re.search(r"http://\S+?(?=/?$)", said.strip())[0].rstrip("/")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)

    def get(self, path, **headers):
        """Status and text of a page."""
        request = urllib.request.Request(self.address + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def walk(self):
        """Path -> status of the pages that links lead to, from the first one on."""
        seen, waiting = {}, ["/"]
        while waiting and len(seen) < PAGES:
            path = waiting.pop(0)
            if path in seen:
                continue
            seen[path], text = self.get(path)
            links = [html.unescape(link) for link in re.findall(r'href="(/[^"]*)"', text)]
            waiting += [link for link in links if link not in seen]
        return seen
