"""Calls of other distributions that wait for something else than the database: a service, a process, a clock.

On an event loop such a call keeps every request waiting. What takes less than a request's own work (a
file, a key of a cache) is not meant. By name, and by the class of the receiver where that is known.
"""

from __future__ import annotations

from collections.abc import Iterable

_HTTP = ("get", "post", "put", "patch", "delete", "head", "options", "request")
_SEARCH = (
    "bulk",
    "count",
    "delete",
    "exists",
    "get",
    "index",
    "mget",
    "msearch",
    "search",
    "update",
)
_MAIL = ("smtplib.SMTP", "smtplib.SMTP_SSL", "smtplib.LMTP", "imaplib.IMAP4", "imaplib.IMAP4_SSL",
         "poplib.POP3", "poplib.POP3_SSL", "ftplib.FTP", "ftplib.FTP_TLS")  # fmt: skip

_FUNCTIONS = frozenset(
    {
        "time.sleep",
        *(f"{home}.{verb}" for home in ("requests", "requests.api", "httpx") for verb in _HTTP),
        "urllib.request.urlopen", "urllib.request.urlretrieve", "urllib3.request",
        "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output",
        "subprocess.getoutput", "subprocess.getstatusoutput", "os.system", "os.waitpid",
        "socket.create_connection", "socket.getaddrinfo", "socket.gethostbyname",
        "socket.gethostbyname_ex", "socket.gethostbyaddr", "socket.getfqdn",
    }
)  # fmt: skip
#: Constructors that connect, given where to.
_CONNECTING = frozenset(_MAIL)
#: What gives an object of which class.
_MAKERS = {
    "requests.session": "requests.Session",
    "requests.sessions.Session": "requests.Session",
    "boto3.client": "botocore.client.BaseClient",
    "redis.StrictRedis": "redis.Redis",
    "redis.from_url": "redis.Redis",
    "redis.Redis.from_url": "redis.Redis",
    "celery.result.AsyncResult": "celery.result.AsyncResult",
    **{
        name: name
        for name in (
            "requests.Session", "httpx.Client", "urllib3.PoolManager", "urllib3.ProxyManager",
            "http.client.HTTPConnection", "http.client.HTTPSConnection", "subprocess.Popen",
            "requests_oauthlib.OAuth2Session", "elasticsearch.Elasticsearch", "opensearchpy.OpenSearch",
            "sendgrid.SendGridAPIClient", "threading.Thread", "multiprocessing.Process",
            "flask_mail.Mail", "redis.Redis", *_MAIL,
        )
    },
}  # fmt: skip
#: The methods of each class that wait; None for all but those of `_QUICK`.
_METHODS: dict[str, frozenset[str] | None] = {
    "requests.Session": frozenset({*_HTTP, "send"}),
    "httpx.Client": frozenset({*_HTTP, "send"}),
    "urllib3.PoolManager": frozenset({"request", "urlopen"}),
    "urllib3.ProxyManager": frozenset({"request", "urlopen"}),
    "http.client.HTTPConnection": frozenset({"connect", "request", "getresponse"}),
    "http.client.HTTPSConnection": frozenset({"connect", "request", "getresponse"}),
    "subprocess.Popen": frozenset({"communicate", "wait"}),
    "requests_oauthlib.OAuth2Session": frozenset({*_HTTP, "fetch_token", "refresh_token"}),
    "elasticsearch.Elasticsearch": frozenset({*_SEARCH}),
    "opensearchpy.OpenSearch": frozenset({*_SEARCH}),
    "sendgrid.SendGridAPIClient": frozenset({"send"}),
    "threading.Thread": frozenset({"join"}),
    "multiprocessing.Process": frozenset({"join"}),
    "flask_mail.Mail": frozenset({"send", "send_message"}),
    "redis.Redis": frozenset({"blpop", "brpop", "brpoplpush", "blmove", "bzpopmin", "bzpopmax"}),
    "celery.result.AsyncResult": frozenset({"get", "wait"}),
    "botocore.client.BaseClient": None,
    **dict.fromkeys(_MAIL),
}
#: Methods of what other calls give, as a user names them.
_PATHS = frozenset(
    {
        "concurrent.futures.Future.result", "concurrent.futures.Future.exception",
        "concurrent.futures.ProcessPoolExecutor.submit().result",
        "concurrent.futures.ProcessPoolExecutor.submit().exception",
        "flask_executor.Executor.submit().result",
        "multiprocessing.Pool().apply_async().get", "multiprocessing.Pool().map_async().get",
        "multiprocessing.pool.Pool.apply_async().get", "multiprocessing.pool.Pool.map_async().get",
        "multiprocessing.pool.ThreadPool.apply_async().get",
        "multiprocessing.pool.ThreadPool.map_async().get",
    }
)  # fmt: skip
_QUICK = frozenset(
    {
        "can_paginate", "close", "generate_presigned_post", "generate_presigned_url",
        "get_paginator", "get_waiter", "set_debuglevel", "set_pasv",
    }
)  # fmt: skip


class Waiting:
    """Which calls wait: those that are known here, and `own`, names that the user gives.

    Such a name is written as the code's imports spell it: `company.sdk.call`, a method of a class's
    objects `company.sdk.Client.fetch`, all of them `company.sdk.Client.*`, of what hangs on one
    `company.sdk.Client.users.fetch`, and of what a call gives `company.sdk.connect().fetch`.
    """

    def __init__(self, own: Iterable[str] = ()) -> None:
        self.own = frozenset(own)
        #: What such names begin with: the objects on the way to a method.
        self._owners: set[str] = set()
        for name in (*self.own, *_PATHS):
            while "." in name:
                name = name.rpartition(".")[0]
                self._owners.add(name)

    def call(self, name: str, arguments: bool) -> bool:
        """Whether a call of `name` waits. `arguments`: it is given some."""
        return name in _FUNCTIONS or name in self.own or (arguments and name in _CONNECTING)

    def method(self, owner: str, name: str) -> bool:
        """Whether a method of such an object waits."""
        path = f"{owner}.{name}"
        if path in self.own or path in _PATHS or f"{owner}.*" in self.own:
            return True
        methods = _METHODS.get(owner, frozenset())
        return name in methods if methods is not None else name not in _QUICK

    def owns(self, name: str) -> bool:
        """Whether some methods of such an object wait."""
        return name in _METHODS or name in self._owners or f"{name}()" in self._owners

    def made(self, name: str) -> str:
        """What a call of `name` gives, where a method of it waits; else ""."""
        if f"{name}()" in self._owners:
            return f"{name}()"
        return _MAKERS.get(name, name if name in self._owners else "")

    def part(self, owner: str, name: str, *, called: bool = False) -> str:
        """What an object has by this name, or gives when it is called, where a method of it waits."""
        path = f"{owner}.{name}" + "()" * called
        return path if path in self._owners else ""
