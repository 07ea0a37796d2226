"""certificates.py - keys and certificates that sign themselves, made by openssl for a run of a test, and gone with it."""
import os
import shutil
import ssl
import subprocess
import tempfile


class Certificates:
    """A folder of pairs NAME.pem and NAME.key."""

    def __init__(self):
        self.folder = tempfile.mkdtemp()

    def path(self, file):
        return os.path.join(self.folder, file)

    def pair(self, name):
        return [self.path(name + ".pem"), self.path(name + ".key")]

    def make(self, name, *names):
        """Makes the pair anew, for these names; what --tls wants."""
        alternatives = ",".join(("IP:" if other[0].isdigit() else "DNS:") + other for other in names)
        certificate, key = self.pair(name)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", "/CN=" + name, "-addext", "subjectAltName=" + alternatives, "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        return "--tls", certificate, key

    def write(self, file, text):
        with open(self.path(file), "w") as made:
            made.write(text)
        return self.path(file)

    def copy(self, file, other):
        shutil.copy(self.path(file), self.path(other))

    def client(self, name, **rules):
        """A context that trusts this one alone."""
        context = ssl.create_default_context(cafile=self.path(name + ".pem"))
        for rule, value in rules.items():
            setattr(context, rule, value)
        return context

    def remove(self):
        shutil.rmtree(self.folder)
