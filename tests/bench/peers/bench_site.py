"""A temporary folder, the processes that work in it, and what they cost. What a Site started is gone when it ends."""

import ctypes
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PATIENCE = 120  # seconds for anything that is waited for
PAGE_MIB = os.sysconf("SC_PAGESIZE") / 2**20


class Failure(Exception):
    """What stopped a measurement, in one sentence."""


def adopt_orphans():
    """Makes this process the one that orphans of its children fall to, so that stop_all() finds every one of them."""
    pr_set_child_subreaper = 36
    ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


def children_of(pid):
    out = []
    for thread in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            out += [int(word) for word in thread.read_text().split()]
        except OSError:
            pass  # it has ended meanwhile
    return out


def tree(pid):
    return [pid] + [below for child in children_of(pid) for below in tree(child)]


def resident_mib(pid):
    total = 0.0
    for one in tree(pid):
        try:
            total += int(pathlib.Path(f"/proc/{one}/statm").read_text().split()[1]) * PAGE_MIB
        except OSError:
            pass
    return total


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """Used as a context: `with Site() as site`. Programs write to files of its folder, which are shown on failure."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="flowrra-peers-"))
        self.folder.chmod(0o711)  # a server may run as a user of its own
        self.environment = dict(os.environ, PEERS_FOLDER=str(self.folder))
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})  # they come when all is gone
        try:
            self.stop_all()
            if kind is not None and issubclass(kind, Failure):
                self.show_logs()
            shutil.rmtree(self.folder, ignore_errors=True)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def path(self, name):
        return self.folder / name

    def start(self, name, command, user=None, **pipes):
        """Starts a program in a process group of its own."""
        log = open(self.path(f"{name}.log"), "ab")
        owner = {}
        if user and os.geteuid() == 0:
            entry = pwd.getpwnam(user)
            owner = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        with log:
            process = subprocess.Popen([str(word) for word in command], cwd=self.folder, env=self.environment,
                                       start_new_session=True, stderr=log, **owner,
                                       **{"stdin": subprocess.DEVNULL, "stdout": log, **pipes})
        self.processes.append(process)
        return process

    def run(self, name, command, user=None):
        if self.start(name, command, user).wait(PATIENCE) != 0:
            raise Failure(f"{name} failed")

    def wait_until(self, what, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            for process in self.processes:
                if process.poll() not in (None, 0):
                    raise Failure(f"{process.args[0]} ended with {process.returncode} before {what}")
            if time.monotonic() > deadline:
                raise Failure(f"{what} took longer than {PATIENCE} s")
            time.sleep(0.01)

    def wait_for_port(self, port):
        def answers():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        self.wait_until(f"port {port} answered", answers)

    def stop(self, process):
        """SIGTERM, and SIGKILL for the whole group after ten seconds."""
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        process.wait()

    def stop_all(self):
        while self.processes:
            self.stop(self.processes.pop())  # the last first: workers before their server
        for orphan in tree(os.getpid())[1:]:
            try:
                os.kill(orphan, signal.SIGKILL)
                os.waitpid(orphan, 0)
            except (ProcessLookupError, ChildProcessError):
                pass

    def show_logs(self):
        for log in sorted(self.folder.glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()[-15:]
            if lines:
                print(f"--- {log.name}", *lines, sep="\n", flush=True)
