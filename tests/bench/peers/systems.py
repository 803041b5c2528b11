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
PROGRAMS = "tests/bin"  # in the build folder
PYTHON = "/usr/bin/python3"  # that of Debian, which has Debian's packages


@dataclasses.dataclass(frozen=True)
class System:
    """One row. A command's words are filled from the site's environment and {build}, {clients}."""

    name: str
    beside: str  # the variant of Flowrra with the same kind of store: "redis" or "sqlite"
    server: object  # starts what stands below
    client: tuple
    worker: tuple
    durable: str  # what an acknowledged task survives
    results: str
    priority: str
    fenced: str  # whether who has lost a task cannot end it
    one: int = 0  # tasks submitted one at a time
    bulk: int = 0  # tasks submitted the fastest way
    latency: int = 0
    workers: int = 1  # processes of the worker
    needs: tuple = ()  # of program:NAME, node:PACKAGE, file:GLOB, built:NAME

    def missing(self, build):
        """The first thing that is not here."""
        checks = {
            "program": shutil.which,
            "node": lambda package: (NODE_MODULES / package).is_dir(),
            "file": lambda path: any(pathlib.Path("/").glob(path.lstrip("/"))),
            "built": lambda program: (build / PROGRAMS / program).exists(),
        }
        for need in self.needs:
            kind, what = need.split(":")
            if not checks[kind](what):
                return what
        return None


def flowrra(name, store, kind):
    durable = {"redis": "as the server", "sqlite": "power loss"}[store]
    client = ("{build}/tests/bin/peers_flowrra_client", f"echo.{kind}", "{folder}/flowrra.toml", "{build}/bin/flowrra")
    worker = ("{build}/bin/flowrra", "run", "--config", "{folder}/flowrra.toml")
    return System(name, store, flowrra_site(store), client, worker, durable, "yes", "per task", "yes",
                  one=1500, bulk=100_000, latency=500)


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


def celery(name, pool, **how):
    worker = (PYTHON, "-m", "celery", "-A", "celery_app", "worker", *pool, "--loglevel=ERROR", "--without-gossip",
              "--without-mingle", "--without-heartbeat")
    client = (PYTHON, "{clients}/celery_client.py")
    return System(name, "redis", servers.redis, client, worker, "as the server", "yes", "4 steps", "no",
                  needs=("file:/usr/lib/python3/dist-packages/celery", "file:/usr/lib/python3/dist-packages/redis", "program:redis-server"), **how)


def node(name, package, server, program, **how):
    command = ("node", "{clients}/" + program)
    return System(name, client=(*command, "client"), worker=(*command, "worker"), server=server,
                  needs=("program:node", f"node:{package}", *how.pop("needs", ())), **how)


SYSTEMS = [
    flowrra("flowrra-redis-io", "redis", "io"),
    flowrra("flowrra-redis-cpu", "redis", "cpu"),
    flowrra("flowrra-sqlite-io", "sqlite", "io"),
    flowrra("flowrra-sqlite-cpu", "sqlite", "cpu"),
    celery("celery-prefork", ("--pool=prefork", "--concurrency=2"), one=2000, latency=300),
    celery("celery-threads", ("--pool=threads", "--concurrency=10"), one=2000, latency=300),
    System("sidekiq", "redis", servers.redis, ("ruby", "{clients}/sidekiq_client.rb"),
           ("sidekiq", "-r", "{clients}/sidekiq_worker.rb", "-c", "10"), "as the server", "written by the task",
           "by queue", "no", one=2000, bulk=25_000, latency=500, workers=2,
           needs=("program:sidekiq", "program:redis-server")),
    node("bullmq", "bullmq", servers.redis, "bullmq.js", beside="redis", durable="as the server", results="yes",
         priority="per task", fenced="yes", one=2000, bulk=40_000, latency=500, needs=("program:redis-server",)),
    node("bee-queue", "bee-queue", servers.redis, "bee_queue.js", beside="redis", durable="as the server",
         results="yes", priority="none", fenced="no", one=2000, bulk=40_000, latency=500,
         needs=("program:redis-server",)),
    node("graphile-worker", "graphile-worker", servers.postgres, "graphile.js", beside="sqlite", durable="power loss",
         results="no", priority="per task", fenced="no", one=1000, bulk=60_000, latency=300, workers=2,
         needs=("file:/usr/lib/postgresql/*/bin/postgres",)),
    System("gearman", "sqlite", servers.gearmand, ("{build}/tests/bin/peers_gearman", "client"),
           ("{build}/tests/bin/peers_gearman", "worker"), "nothing", "to who waits", "3 steps", "no",
           one=4000, bulk=60_000, latency=1000, workers=2, needs=("program:/usr/sbin/gearmand", "built:peers_gearman")),
    System("beanstalkd", "sqlite", servers.beanstalkd, ("{build}/tests/bin/peers_beanstalk", "client"),
           ("{build}/tests/bin/peers_beanstalk", "worker"), "power loss", "no", "per task", "yes",
           one=1000, bulk=4_000, latency=500, workers=2, needs=("program:beanstalkd", "built:peers_beanstalk")),
    System("gnu-parallel", "sqlite", servers.nothing, (sys.executable, "{clients}/gnu_parallel.py"), (), "nothing",
           "files", "none", "no", bulk=300, latency=10, needs=("program:parallel",)),
]
