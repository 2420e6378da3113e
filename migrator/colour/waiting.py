"""Calls of other distributions that wait for something else than the database: a service, a process, a clock.

On an event loop such a call keeps every request waiting. What takes less than a request's own work (a
file, a key of a cache) is not meant. By name, and by the class of the receiver where that is known.
"""

from __future__ import annotations

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
    **{
        name: name
        for name in (
            "requests.Session", "httpx.Client", "urllib3.PoolManager", "urllib3.ProxyManager",
            "http.client.HTTPConnection", "http.client.HTTPSConnection", "subprocess.Popen",
            "requests_oauthlib.OAuth2Session", "elasticsearch.Elasticsearch", "opensearchpy.OpenSearch",
            "sendgrid.SendGridAPIClient", "threading.Thread", "multiprocessing.Process",
            "flask_mail.Mail", *_MAIL,
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
    "botocore.client.BaseClient": None,
    **dict.fromkeys(_MAIL),
}
_QUICK = frozenset(
    {
        "can_paginate", "close", "generate_presigned_post", "generate_presigned_url",
        "get_paginator", "get_waiter", "set_debuglevel", "set_pasv",
    }
)  # fmt: skip


def class_made(name: str) -> str:
    """The class of what a call of `name` gives, where a method of it waits; else ""."""
    return _MAKERS.get(name, "")


def waits(name: str, arguments: bool) -> bool:
    """Whether a call of `name` waits. `arguments`: it is given some."""
    return name in _FUNCTIONS or (arguments and name in _CONNECTING)


def method_waits(cls: str, name: str) -> bool:
    """Whether a method of such a class waits."""
    methods = _METHODS.get(cls, frozenset())
    return name in methods if methods is not None else name not in _QUICK
