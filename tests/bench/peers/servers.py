"""The servers that systems stand on. Each starts one in a site's folder and says in the environment where it is."""

import pathlib
import shutil

from bench_site import free_port

REDIS = ["--save", "", "--appendonly", "no"]  # the same for everybody: what is measured is the server's processor


def redis(site):
    port = free_port()
    site.start("redis", ["redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", site.folder, *REDIS])
    site.wait_for_port(port)
    site.environment["PEERS_PORT"] = str(port)


def postgres_program(name):
    """Debian keeps the programs of a server by version, outside of PATH."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


def postgres(site):
    data = site.path("postgres")
    data.mkdir()
    shutil.chown(data, *(["postgres", "postgres"] if data.owner() == "root" else [data.owner()]))
    site.run("initdb", [postgres_program("initdb"), "-D", data, "-U", "bench", "-A", "trust", "--no-sync"], "postgres")
    site.start("postgres", [postgres_program("postgres"), "-D", data, "-k", data, "-c", "listen_addresses=",
                            "-c", "synchronous_commit=on", "-c", "fsync=on"], "postgres")
    site.wait_until("PostgreSQL was ready", lambda: "ready to accept" in site.path("postgres.log").read_text())
    site.environment.update(PGHOST=str(data), PGUSER="bench", PGDATABASE="postgres")


def gearmand(site):
    port = free_port()
    site.start("gearmand", ["/usr/sbin/gearmand", "-L", "127.0.0.1", "-p", port, "-l", site.path("gearmand.log")])
    site.wait_for_port(port)
    site.environment["PEERS_PORT"] = str(port)


def beanstalkd(site):
    port = free_port()
    journal = site.path("journal")
    journal.mkdir()
    site.start("beanstalkd", ["beanstalkd", "-l", "127.0.0.1", "-p", port, "-b", journal, "-f0"])
    site.wait_for_port(port)
    site.environment["PEERS_PORT"] = str(port)


def nothing(site):
    pass
