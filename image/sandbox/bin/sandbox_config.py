# SPDX-License-Identifier: Apache-2.0
"""What the sandbox server reads: the pacsDS datasource, with JBoss's treatment of its values, and Orthanc's configuration made of it."""
import json
import os
import re
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

JDBC_URL = re.compile(r"jdbc:mysql://([^/:,\[\]?]*)(?::(\d+))?/([^?]*)(?:\?.*)?", re.DOTALL)
PROPERTY = re.compile(r"\$\{([^{}]*)\}")


class ConfigError(Exception):
    """Something only a person can fix; the text names cause, object and remedy."""


@dataclass(frozen=True)
class Datasource:
    host: str
    port: int
    database: str
    user: str
    password: str


def expand(value, properties):
    """JBoss's way with a value: white space normalised, `${name}` and `${name:default}` replaced once, unknown names left alone."""

    def replacement(match):
        name, colon, default = match.group(1).partition(":")
        if name in properties:
            return properties[name]
        return default if colon else match.group(0)

    return PROPERTY.sub(replacement, " ".join(value.split()))


def read_datasource(path, properties):
    try:
        root = ElementTree.parse(path).getroot()
    except OSError as error:
        raise ConfigError(f"cannot read datasource '{path}': {error.strerror}; restore it from the template") from error
    except ElementTree.ParseError as error:
        raise ConfigError(f"datasource '{path}' is not XML: {error}; restore it from the template") from error
    for source in root.iter("local-tx-datasource"):
        fields = {child.tag: expand(child.text or "", properties) for child in source}
        if fields.get("jndi-name") == "pacsDS":
            return parse_fields(fields, path)
    raise ConfigError(f"datasource '{path}' has no local-tx-datasource named pacsDS; restore it from the template")


def parse_fields(fields, path):
    url = JDBC_URL.fullmatch(fields.get("connection-url", ""))
    if not url or not url.group(3):
        raise ConfigError(f"the connection-url in '{path}' is not jdbc:mysql://HOST[:PORT]/DATABASE; correct it")
    # JDBC always uses TCP, the C client library takes a bare localhost for the Unix socket
    host = "127.0.0.1" if url.group(1) in ("", "localhost") else url.group(1)
    return Datasource(host, int(url.group(2) or 3306), url.group(3), fields.get("user-name", ""), fields.get("password", ""))


def orthanc_config(datasource, archive, data, dicom_port, http_port, peer):
    """`peer` is the ServerPeerID: with "0" the server has the index for itself, the others share it."""
    return {
        "Name": "dcm4chee-sandbox",
        "DatabaseServerIdentifier": f"node-{peer}",
        "StorageDirectory": archive,
        "IndexDirectory": data,
        "Plugins": ["/usr/share/orthanc/plugins/libOrthancMySQLIndex.so"],
        "DicomAet": "DCM4CHEE",
        "DicomCheckCalledAet": True,
        "DicomPort": dicom_port,
        "DicomAlwaysAllowEcho": True,
        "DicomAlwaysAllowStore": True,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowGet": True,
        "HttpPort": http_port,
        "RemoteAccessAllowed": True,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {"admin": "admin"},
        "MySQL": {
            "EnableIndex": True,
            "EnableStorage": False,
            "Host": datasource.host,
            "Port": datasource.port,
            "UnixSocket": "",
            "Lock": peer == "0",
            "Database": datasource.database,
            "Username": datasource.user,
            "Password": datasource.password,
        },
    }


def write_secret_json(path, content):
    """Write `content` to `path`, mode 0600, whole or not at all."""
    # Orthanc replaces ${NAME} by the environment in the raw text: no dollar sign may stand there
    text = json.dumps(content, indent=2).replace("$", "\\u0024")
    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
    os.rename(temporary, path)
