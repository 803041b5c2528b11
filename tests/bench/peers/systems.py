"""What is compared: each system in its best-known configuration, with what it promises."""

import dataclasses
import pathlib
import shutil
import sys

import servers

HERE = pathlib.Path(__file__).resolve().parent
CLIENTS = HERE / "clients"
ROOT = HERE.parents[2]
NODE_MODULES = ROOT / "build/peers/node_modules"
PYTHON = "/usr/bin/python3"  # that of Debian, which has Debian's packages


@dataclasses.dataclass(frozen=True)
class Promises:
    """In words for a table."""

    durable: str  # what an acknowledged task survives
    killed: str  # what becomes of a task whose worker is killed
    results: str  # whether they are kept
    priority: str
    fenced: str  # whether a worker that has lost a task can no longer end it


@dataclasses.dataclass(frozen=True)
class System:
    """One row. In the words of its commands {build}, {clients} and {folder}, that of the site, are filled in."""

    name: str
    beside: str  # the variant of Flowrra with the same kind of store: "redis" or "sqlite"
    server: object  # what starts the server in a site
    client: tuple
    worker: tuple
    promises: Promises
    one: int = 0  # tasks submitted one at a time, in each round
    bulk: int = 0  # tasks submitted the fastest way
    latency: int = 0  # tasks submitted and waited for
    workers: int = 1  # processes of the worker
    needs: tuple = ()  # of program:NAME, node:PACKAGE, file:GLOB, built:NAME

    def missing(self, build):
        """The first thing that is not here, or None."""
        checks = {
            "program": shutil.which,
            "node": lambda package: (NODE_MODULES / package).is_dir(),
            "file": lambda path: any(pathlib.Path("/").glob(path.lstrip("/"))),
            "built": lambda program: (build / "tests/bin" / program).exists(),
        }
        for need in self.needs:
            kind, what = need.split(":")
            if not checks[kind](what):
                return what
        return None


def flowrra_site(store):
    def prepare(site):
        url = "sqlite://store.db"
        if store == "redis":
            servers.redis(site)
            url = f"redis://127.0.0.1:{site.environment['PEERS_PORT']}/0"
        build = site.environment["PEERS_BUILD"]
        site.path("flowrra.toml").write_text(
            f'[broker]\nurl = "{url}"\n[log]\nlevel = "warning"\n[plugins]\ncopies = "copies"\n'
            f'host = "{build}/bin/flowrra-host"\npaths = ["{build}/tests/plugins/peers_echo.so"]\n')
        # From then on the store knows the tasks; before it, who submits asks the plugin itself each time.
        site.run("first-node", [f"{build}/bin/flowrra", "run", "--drain", "--config", site.path("flowrra.toml")])
    return prepare


def flowrra(store, kind):
    program, config = "{build}/bin/flowrra", "{folder}/flowrra.toml"
    durable = "power loss" if store == "sqlite" else "as the server"
    return System(
        f"flowrra-{store}-{kind}", store, flowrra_site(store),
        client=("{build}/tests/bin/peers_flowrra_client", f"echo.{kind}", config, program),
        worker=(program, "run", "--config", config),
        promises=Promises(durable, "runs again", "yes", "per task", "yes"),
        one=1000, bulk=100_000, latency=400)


def celery(pool, *options):
    packages = "/usr/lib/python3/dist-packages"
    quiet = ("--loglevel=ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat")
    return System(
        f"celery-{pool}", "redis", servers.redis,
        client=(PYTHON, "{clients}/celery_client.py"),
        worker=(PYTHON, "-m", "celery", "-A", "celery_app", "worker", f"--pool={pool}", *options, *quiet),
        promises=Promises("as the server", "lost", "yes", "4 steps", "no"),
        one=2000, latency=300, needs=(f"file:{packages}/celery", f"file:{packages}/redis", "program:redis-server"))


def node(name, server, program, needs, **how):
    """What runs in Node.js: one program is client and worker."""
    command = ("node", "{clients}/" + program)
    return System(name, server=server, client=(*command, "client"), worker=(*command, "worker"),
                  needs=("program:node", f"node:{name}", needs), **how)


def native(name, server, program, needs, **how):
    """What is spoken to by a program of this build, client and worker."""
    command = ("{build}/tests/bin/" + program,)
    return System(name, "sqlite", server, client=(*command, "client"), worker=(*command, "worker"),
                  needs=(needs, f"built:{program}"), **how)


SYSTEMS = [
    flowrra("redis", "io"),
    flowrra("redis", "cpu"),
    flowrra("sqlite", "io"),
    flowrra("sqlite", "cpu"),
    celery("prefork", "--concurrency=2"),
    celery("threads", "--concurrency=10"),
    System("sidekiq", "redis", servers.redis, client=("ruby", "{clients}/sidekiq_client.rb"),
           worker=("sidekiq", "-r", "{clients}/sidekiq_worker.rb", "-c", "10"), workers=2,
           promises=Promises("as the server", "lost", "written by the task", "by queue", "no"),
           one=2000, bulk=25_000, latency=500, needs=("program:sidekiq", "program:redis-server")),
    node("bullmq", servers.redis, "bullmq.js", "program:redis-server", beside="redis",
         promises=Promises("as the server", "runs again", "yes", "per task", "yes"),
         one=2000, bulk=40_000, latency=500),
    node("bee-queue", servers.redis, "bee_queue.js", "program:redis-server", beside="redis",
         promises=Promises("as the server", "runs again, if looked for", "yes", "none", "no"),
         one=2000, bulk=40_000, latency=500),
    node("graphile-worker", servers.postgres, "graphile.js", "file:/usr/lib/postgresql/*/bin/postgres",
         beside="sqlite", workers=2, promises=Promises("power loss", "runs again after 4 h", "no", "per task", "no"),
         one=1000, bulk=60_000, latency=300),
    native("gearman", servers.gearmand, "peers_gearman", "program:/usr/sbin/gearmand", workers=2,
           promises=Promises("nothing", "runs again", "to who waits", "3 steps", "no"),
           one=4000, bulk=60_000, latency=1000),
    native("beanstalkd", servers.beanstalkd, "peers_beanstalk", "program:beanstalkd", workers=2,
           promises=Promises("power loss", "runs again", "no", "per task", "yes"),
           one=500, bulk=1500, latency=300),
    System("gnu-parallel", "sqlite", servers.nothing, client=(sys.executable, "{clients}/gnu_parallel.py"), worker=(),
           promises=Promises("nothing", "lost", "files", "none", "no"), bulk=300, latency=10,
           needs=("program:parallel",)),
]
