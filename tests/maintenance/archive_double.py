#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What dcm4chee has beside DICOM, before an Orthanc: WADO-URI, the manifest of weasis-pacs-connector 6, HL7 v2 over MLLP (ADT^A08).

  archive_double.py HTTP-PORT HL7-PORT ORTHANC-URL JPEG MODE-FILE HOME

JPEG is what it shows of every image: it has no codec. MODE-FILE says how it misbehaves, read anew for every request:
wado-404, wado-text, wado-cut, weasis-404, weasis-packed, weasis-message, hl7-refuses, hl7-mangles, open, one of console_double, or nothing.
"""
import gzip
import http.server
import json
import os
import socketserver
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request

from console_double import console, is_console, own_page, words

HTTP_PORT, HL7_PORT, ORTHANC, JPEG, MODE_FILE, HOME = sys.argv[1:]
START, END = b"\x0b", b"\x1c\r"
FRONT = {"open": b'<a href="http://www.jboss.org/">JBoss</a>', "bare": b"<p>This server is running.</p>"}
CHARACTER_SETS = {"": "ascii", "8859/1": "iso-8859-1", "UNICODE UTF-8": "utf-8"}


def mode():
    with open(MODE_FILE, encoding="ascii") as file:
        return file.read().strip()


def orthanc(path, data=None, method=None):
    with urllib.request.urlopen(urllib.request.Request(ORTHANC + path, data, method=method)) as answer:
        return answer.read()


def instances(what, value):
    """Orthanc's identifiers of the instances that a UID or PatientID stands for."""
    found = []
    for each in json.loads(orthanc("/tools/lookup", value.encode())):
        if each["Type"] == what:
            found += [each["ID"]] if what == "Instance" else [one["ID"] for one in json.loads(orthanc(each["Path"] + "/instances"))]
    return found


class Web(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        how = mode()
        if url.path == "/wado":
            self.wado(query, how)
        elif url.path == "/weasis-pacs-connector/manifest" and how != "weasis-404":
            self.send_response(302)
            self.send_header("Location", "/weasis-pacs-connector/RequestManifest?id=1&" + url.query)
            self.end_headers()
        elif url.path == "/weasis-pacs-connector/RequestManifest":
            self.manifest(query, how)
        elif how == "open" and url.path.startswith("/invoker/"):
            self.answer(200, "application/x-java-serialized-object", b"\xac\xed")
        elif url.path == "/dcm-accept/":
            self.page(own_page(HOME, how))
        elif url.path == "/":
            self.answer(200, "text/html", FRONT.get(how, b'<a href="/dcm4chee-web3/">Archive</a>'))
        elif url.path == "/dcm4chee-web3/" and how != "no-web":
            self.answer(200, "text/html", b"<html>Patients</html>")
        elif is_console(url.path):
            length = int(self.headers.get("Content-Length", 0))
            query |= words(self.rfile.read(length).decode())
            self.page(console(self.command, url.path, self.headers.get("Authorization"), query, how))
        else:
            self.answer(404, "text/html", b"<html>The requested resource is not available</html>")

    do_HEAD = do_POST = do_PUT = do_OPTIONS = do_GET

    def page(self, status_and_body):
        self.answer(status_and_body[0], "text/html", status_and_body[1])

    def wado(self, query, how):
        if query.get("requestType") != "WADO" or not {"studyUID", "seriesUID", "objectUID"} <= query.keys():
            return self.answer(400, "text/html", b"<html>This URL is no WADO request</html>")
        found = instances("Instance", query["objectUID"])
        if how == "wado-404" or not found:
            return self.answer(404, "text/html", b"<html>DICOM object not found</html>")
        if how == "wado-text":
            return self.answer(200, "text/html", b"<html>java.lang.UnsatisfiedLinkError: clib_jiio</html>")
        if query.get("contentType") == "application/dicom":
            kind, body = "application/dicom", orthanc(f"/instances/{found[0]}/file")
        else:
            with open(JPEG, "rb") as file:
                kind, body = "image/jpeg", file.read()
        return self.answer(200, kind, body[:-20] if how == "wado-cut" else body)

    def manifest(self, query, how):
        text = '<?xml version="1.0" encoding="UTF-8" ?><wado_query wadoURL="http://localhost:8080/wado">'
        if how == "weasis-message":
            text += f'<Message title="Missing Study" description="No study {query["studyUID"]} found" severity="ERROR"/>'
        else:
            for each in instances("Study", query["studyUID"]):
                text += f'<Instance SOPInstanceUID="{json.loads(orthanc("/instances/" + each))["MainDicomTags"]["SOPInstanceUID"]}"/>'
        text = (text + "</wado_query>").encode()
        if how == "weasis-packed" or "noGzip" not in query:
            return self.answer(200, "application/x-gzip", gzip.compress(text))
        return self.answer(200, "text/xml", text)

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class Mllp(socketserver.BaseRequestHandler):
    """Keeps the connection open after its answer, as dcm4chee does."""

    def handle(self):
        received = b""
        while data := self.request.recv(4096):
            received += data
            while END in received:
                message, _, received = received.partition(END)
                self.request.sendall(START + self.process(message.lstrip(START)) + END)

    @staticmethod
    def process(message):
        header = message.split(b"\r")[0].decode("ascii").split("|")
        text = message.decode(CHARACTER_SETS[header[17] if len(header) > 17 else ""])
        patient = next(line for line in text.split("\r") if line.startswith("PID|")).split("|")
        code, reason = "AA", ""
        if header[8] != "ADT^A08" or mode() == "hl7-refuses":
            code, reason = "AE", "Failed to update patient"
        else:
            for instance in instances("Patient", patient[3]):
                rename(instance, patient[5].encode("utf-8" if mode() == "hl7-mangles" else "iso-8859-1"))
        return f"MSH|^~\\&|DCM4CHEE|DCM4CHEE|ACCEPT|ACCEPT|20260101||ACK^A08|1|P|2.3\rMSA|{code}|{header[9]}|{reason}\r".encode()


def rename(instance, name):
    """The patient's name of a stored image, whose character set is ISO_IR 100."""
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "image")
        with open(path, "wb") as file:
            file.write(orthanc(f"/instances/{instance}/file"))
        subprocess.run(["dcmodify", "-q", "-nb", "-m", b"PatientName=" + name, path], check=True)
        orthanc(f"/instances/{instance}", method="DELETE")
        with open(path, "rb") as file:
            orthanc("/instances", file.read())


class Hl7Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


threading.Thread(target=Hl7Server(("127.0.0.1", int(HL7_PORT)), Mllp).serve_forever, daemon=True).start()
http.server.ThreadingHTTPServer(("127.0.0.1", int(HTTP_PORT)), Web).serve_forever()
