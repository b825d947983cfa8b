# SPDX-License-Identifier: Apache-2.0
"""jmx-console, web-console and a JSP of a site's, as the genuine server answers them: what of it scripts/accept asks.

Modes: head-open (the stock web-console lets HEAD pass without a login), jmx-500 (the stock JSP compiler on Java 8: the value is stored, the
page fails), jmx-forgets, jsp-500.
"""
import base64
import os
import urllib.parse

LOGIN = "Basic " + base64.b64encode(b"admin:admin").decode()
CANNOT_COMPILE = b"<html>org.apache.jasper.JasperException: Unable to compile class for JSP: The type java.lang.CharSequence cannot be resolved</html>"
CONSOLES = ("/jmx-console/", "/web-console/")
settings = {"BufferSize": "8192"}


def is_console(path):
    return path.startswith(CONSOLES)


def console(method, path, login, query, how):
    """(status, page)"""
    if login != LOGIN and not (how == "head-open" and method == "HEAD" and path.startswith("/web-console/")):
        return 401, b"<html>This request requires HTTP authentication</html>"
    if path != "/jmx-console/HtmlAdaptor":
        return 200, b"<html>service=StoreScp</html>"
    for name in settings.keys() & query.keys():
        settings[name] = settings[name] if how == "jmx-forgets" else query[name]
    if how == "jmx-500":
        return 500, CANNOT_COMPILE
    return 200, "".join(f'<input type="text" name="{name}" value="{value}">' for name, value in settings.items()).encode()


def own_page(home, how):
    """What /dcm-accept/ answers: a page while the JSP lies in deploy."""
    if not os.path.exists(os.path.join(home, "server/default/deploy/dcm-accept.war/index.jsp")):
        return 404, b"<html>The requested resource is not available</html>"
    return (500, CANNOT_COMPILE) if how == "jsp-500" else (200, b"two=c;one=a+b;")


def words(text):
    return dict(urllib.parse.parse_qsl(text, keep_blank_values=True))
