"""Runs on a real Dask cluster on this machine: nodes are process groups on loopback, and are killed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections import Counter
from pathlib import Path

import pytest
from dask_cluster import Cluster
from projects import MARK, MODEL, NODE, NOTE, SAVE, alive, call, eight, end, line, make, noted, results, start, until

import lensdoc
from lensdoc.core.errors import RunError
from lensdoc.pipeline.cluster import _LOOKS as LOOKS
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import read_runs

SLOW = "import time; time.sleep(1)"
WHO = ("SCHEDULER", "WORKER", "CLIENT")
BEYOND = 60.0
"""Seconds that losing a node may cost beyond the compute."""


@pytest.fixture
def mark():
    """A mark for all processes of the test, and of no other suite beside it; none may be left at its end."""
    name = uuid.uuid4().hex
    yield name
    until(lambda: not alive(name), f"processes are left: {alive(name)}", 10)


@pytest.fixture
def cluster(tmp_path, mark):
    """A scheduler; the test starts the workers."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    with Cluster(folder, environment={MARK: mark}) as started:
        yield started


@pytest.fixture
def cold(cluster):
    """Workers whose kernels are started: for one or two runs without a model that is faster."""
    cluster.environment["LENSDOC_KERNELS"] = "start"


def worker(cluster, name, *options):
    cluster.environment[NODE] = name
    cluster.worker(name, *options)


@pytest.mark.long
def test_eight_runs_are_done_as_here_while_one_of_two_nodes_is_killed(tmp_path, cluster, mark):
    side = tmp_path / "side"
    here = eight(tmp_path / "here", side, [NOTE, SLOW, MODEL])
    began = time.monotonic()
    code, _, errors = call(here, "run", mark=mark)
    compute = time.monotonic() - began
    assert (code, errors) == (0, "")
    side.unlink()

    there = eight(tmp_path / "there", side, [NOTE, SLOW, MODEL])
    worker(cluster, "one", "--no-nanny")
    worker(cluster, "two", "--no-nanny")
    began = time.monotonic()
    process = start(there, "run", "--cluster", cluster.address, mark=mark)
    until(lambda: [node for _, node in noted(side)].count("two") == 2, "a second run on node two")
    cluster.kill("two")
    lost = [run for run, node in noted(side) if node == "two"][-1]
    code, output, errors = end(process)
    took = time.monotonic() - began
    print(f"eight runs: {compute:.1f} s here, one at a time; {took:.1f} s on two nodes of which one was killed")

    assert (code, errors) == (0, "")
    assert output.count("1 record in") == 8
    assert results(there) == results(here)
    assert len(results(there)[0]) == 8
    assert took < compute + BEYOND
    times = Counter(run for run, _ in noted(side))
    assert times.pop(lost) == 2
    assert set(times.values()) == {1}
    assert not list((there.private / "attempts").iterdir())
    assert not list((there.private / "cluster").iterdir())


KILL_WORKER = """
import os, signal, time
from pathlib import Path
pid = os.getpid()
while "spawn_main" not in Path(f"/proc/{pid}/cmdline").read_text():  # the worker, which its nanny has spawned
    pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
os.kill(pid, signal.SIGKILL)
time.sleep(60)
"""


@pytest.mark.long
def test_a_run_that_kills_its_workers_is_named_after_two_and_stops_no_other(tmp_path, cluster, mark):
    side = tmp_path / "side"
    notebooks = {"poison": [NOTE, KILL_WORKER, SAVE], "raises": [NOTE, "1 / 0", SAVE], "good": [NOTE, SAVE]}
    runs = {"poison": {}, "raises": {}} | {f"good-{i}": {"notebook": "good.ipynb"} for i in range(3)}
    project = make(tmp_path / "project", notebooks, runs, side)
    worker(cluster, "one", "--nworkers", "2")
    code, output, errors = call(project, "run", "--cluster", cluster.address, mark=mark)
    assert code == 1
    assert "lensdoc: " in errors
    assert "run 'poison' failed: 2 workers were lost while they executed it; former results are untouched" in errors
    assert "run 'raises' failed: raises.ipynb, cell 3, line 1:\n  -> 1 / 0\n  ZeroDivisionError: division by zero" in errors
    assert "Traceback" not in errors
    assert {f"good-{i}: 1 record" in output for i in range(3)} == {True}
    assert set(results(project)[1]) == {"good-0", "good-1", "good-2"}
    times = Counter(run for run, _ in noted(side))
    assert (times["poison"], times["raises"]) == (2, 1)


@pytest.mark.usefixtures("full")
def test_a_run_that_was_queued_on_workers_that_others_killed_is_done_all_the_same(tmp_path, cluster, mark):
    """Dask counts a worker's loss against all runs that it held, begun or not, and gives them up after four."""
    side = tmp_path / "side"
    notebooks = {"poison": [NOTE, KILL_WORKER, SAVE], "good": [NOTE, SAVE]}
    poisons = {f"poison-{i}": {"notebook": "poison.ipynb"} for i in range(3)}
    project = make(tmp_path / "project", notebooks, poisons | {f"zood-{i}": {"notebook": "good.ipynb"} for i in range(2)}, side)
    cluster.environment["DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION"] = "inf"
    worker(cluster, "one")
    code, output, errors = call(project, "run", "--cluster", cluster.address, mark=mark)
    assert code == 1
    assert errors.count("2 workers were lost") == 3
    assert output.count("1 record in") == 2
    assert Counter(run for run, _ in noted(side)) == dict.fromkeys(poisons, 2) | {"zood-0": 1, "zood-1": 1}


@pytest.mark.long
@pytest.mark.usefixtures("cold")
def test_a_scheduler_that_is_killed_is_told(tmp_path, cluster, mark):
    side = tmp_path / "side"
    project = make(tmp_path / "project", {"small": [NOTE, "import time; time.sleep(60)", SAVE]}, {"small": {}}, side)
    worker(cluster, "one")
    process = start(project, "run", "--cluster", cluster.address, mark=mark)
    until(lambda: noted(side), "the run")
    cluster.kill("scheduler")
    code, _, errors = end(process, 45)
    assert code == 1
    assert f"run 'small' failed: the scheduler at {cluster.address} was lost; what was finished is kept, run again" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "address",
    ["nowhere", *(pytest.param(f"{way}://127.0.0.1:9", marks=pytest.mark.long) for way in ("tcp", "tls", "ftp"))],
)
def test_nobody_at_the_address_is_told(tmp_path, address):
    project = make(tmp_path / "project", {"small": [SAVE]}, {"small": {}})
    code, _, errors = call(project, "run", "--cluster", address)
    assert code == 1
    assert errors.startswith(f"lensdoc: no Dask scheduler answers at {address!r} (")
    assert "dask scheduler --host 127.0.0.1" in errors
    assert "dask worker tcp://127.0.0.1:8786 --host 127.0.0.1; across machines use TLS (tls://)" in errors
    assert "Traceback" not in errors


@pytest.mark.usefixtures("full")
@pytest.mark.usefixtures("cold")
def test_a_cluster_without_workers_is_told_and_waited_for(tmp_path, cluster, mark):
    side = tmp_path / "side"
    project = make(tmp_path / "project", {"small": [NOTE, *[SLOW] * 6, SAVE]}, {"small": {}}, side)
    process = start(project, "run", "--cluster", cluster.address, mark=mark)
    waits = f"small: the cluster has no worker for it; start one: dask worker {cluster.address} --host 127.0.0.1; waiting\n"
    assert line(process) == "executing small\n"
    assert line(process) == waits
    worker(cluster, "one", "--no-nanny")
    until(lambda: noted(side), "the run")
    time.sleep(2 * LOOKS)  # until it is seen that there is a worker
    cluster.kill("one")
    assert line(process) == waits
    worker(cluster, "two", "--no-nanny")
    code, output, errors = end(process)
    assert (code, errors) == (0, "")
    assert output.startswith("small: 1 record in")
    assert noted(side) == [("small", "one"), ("small", "two")]


@pytest.mark.usefixtures("full")
@pytest.mark.usefixtures("cold")
def test_ctrl_c_leaves_what_has_begun_and_begins_nothing_more(tmp_path, cluster, mark):
    side = tmp_path / "side"
    runs = {name: {"notebook": "small.ipynb"} for name in ("a", "b", "c")}
    project = make(tmp_path / "project", {"small": [NOTE, SLOW, SLOW, SAVE]}, runs, side)
    worker(cluster, "one")
    process = start(project, "run", "--cluster", cluster.address, mark=mark)
    until(lambda: noted(side), "the first run")
    process.send_signal(signal.SIGINT)
    code, _, errors = end(process, 20)
    assert code == 1
    assert errors.startswith("lensdoc: interrupted; runs that workers of the cluster have begun go on there")
    assert "Traceback" not in errors
    first = noted(side)[0][0]
    until(lambda: first in results(project)[1], "the run that had begun")
    time.sleep(2)
    assert [run for run, _ in noted(side)] == [first]
    assert set(results(project)[1]) == {first}


def send(project, cluster, runs):
    """Execute runs on the cluster, from this process; what was said, and the outcome."""
    from lensdoc.pipeline.cluster import execute_on_cluster
    from lensdoc.pipeline.run import Lines

    said = []
    return said, execute_on_cluster(runs, project, Lines(said.append), cluster.address)


@pytest.mark.usefixtures("cold")
@pytest.mark.long
def test_a_run_that_asks_for_a_resource_goes_to_a_worker_that_offers_it(tmp_path, cluster):
    side = tmp_path / "side"
    asked = {"gpu-1": {"GPU": 1}, "gpu-2": {"GPU": 1}, "plain": {}, "tpu": {"GPU": 1, "TPU": 2}}
    runs = {name: {"notebook": "small.ipynb", "resources": resources} for name, resources in asked.items()}
    project = make(tmp_path / "project", {"small": [NOTE, SAVE]}, runs, side)
    worker(cluster, "with", "--resources", "GPU=1")
    worker(cluster, "without")
    _, outcome = send(project, cluster, read_runs(project))
    assert {node for run, node in noted(side) if run.startswith("gpu")} == {"with"}
    assert sorted(outcome.executed) == ["gpu-1", "gpu-2", "plain"]
    (failure,) = outcome.failures
    assert str(failure) == (
        "run 'tpu' failed: no worker of the cluster offers GPU=1,TPU=2, which `resources` in runs.yml asks for "
        f'(they offer: GPU=1; nothing); start one: dask worker {cluster.address} --host 127.0.0.1 --resources "GPU=1,TPU=2"'
    )


@pytest.mark.parametrize(
    ("address", "command"),
    [
        ("tcp://127.0.0.1:8786", "dask worker tcp://127.0.0.1:8786 --host 127.0.0.1"),
        ("tls://127.0.0.1:8786", "dask worker tls://127.0.0.1:8786 --host tls://127.0.0.1"),
        ("tcp://[::1]:8786", "dask worker tcp://[::1]:8786 --host ::1"),
        ("tls://10.0.0.1:1", "--host tls://ADDRESS, with that machine's address in the network of the cluster"),
        ("tcp://10.0.0.1:1", "in the network of the cluster; across machines use TLS, see the guide on clusters"),
    ],
)
def test_the_worker_that_is_advised_listens_to_no_more_than_it_must(address, command):
    from lensdoc.pipeline.nodes import start_worker

    said = start_worker(address)
    assert said.startswith(f"dask worker {address} --host ")
    assert said.endswith(command)
    assert start_worker(address, {"GPU": 2}).count(' --resources "GPU=2"') == 1


def test_a_worker_with_another_version_of_a_library_is_told(tmp_path):
    from lensdoc.pipeline import nodes

    project = make(tmp_path, {"small": [SAVE]}, {"small": {}})
    about = nodes.about_here()
    with nodes.shared(project, "session"):
        assert nodes._problem(str(project.root), "session", about) == ""
        said = nodes._problem(str(project.root), "session", about | {"torch": "0.1", "new": "2.0"})
    assert said == f"it has torch {about['torch']} where here is 0.1, new missing where here is 2.0; install the same everywhere"


@pytest.mark.long
@pytest.mark.usefixtures("cold")
def test_a_worker_that_listens_on_all_addresses_is_told(tmp_path, cluster):
    from lensdoc.pipeline.cluster import execute_on_cluster
    from lensdoc.pipeline.run import Lines

    project = make(tmp_path / "project", {"small": [SAVE]}, {"small": {}})
    warned = []
    worker(cluster, "open", "--host", "0.0.0.0")  # noqa: S104 - what it is about
    worker(cluster, "closed")
    outcome = execute_on_cluster(read_runs(project), project, Lines(print), cluster.address, warn=warned.append)
    assert outcome.executed == ["small"]
    (line,) = warned
    assert re.match(r"worker tcp://\S+ listens on all addresses of its machine, without TLS: .* start it with --host", line)


@pytest.mark.usefixtures("cold")
def test_workers_that_see_no_or_another_folder_are_named(tmp_path, cluster, monkeypatch):
    """One path that each process sees something else at."""
    project = make(tmp_path / "project", {"small": [SAVE]}, {"small": {}})
    monkeypatch.chdir(project.root)
    path = Path("/proc/self/cwd")
    worker(cluster, "one")
    with pytest.raises(RunError, match=rf"worker tcp://\S+: there is no {path}/mkdocs.yml on it; all machines must see"):
        send(Project(path), cluster, read_runs(project))
    (cluster.folder / "mkdocs.yml").touch()
    with pytest.raises(RunError, match=rf"worker tcp://\S+: {path} on it is another folder than here"):
        send(Project(path), cluster, read_runs(project))
    assert not project.data.exists()


@pytest.mark.usefixtures("full")
@pytest.mark.usefixtures("cold")
def test_a_worker_with_another_lensdoc_is_named(tmp_path, cluster, mark):
    project = make(tmp_path / "project", {"small": [SAVE]}, {"small": {}})
    package = Path(lensdoc.__file__).parent
    shutil.copytree(package, tmp_path / "other" / "lensdoc", ignore=shutil.ignore_patterns("web", "__pycache__"))
    with (tmp_path / "other" / "lensdoc" / "measures" / "saliency.py").open("a") as file:
        file.write("changed = True\n")
    cluster.environment["PYTHONPATH"] = str(tmp_path / "other")
    worker(cluster, "one")
    code, _, errors = call(project, "run", "--cluster", cluster.address, mark=mark)
    assert code == 1
    assert re.fullmatch(
        r"lensdoc: nothing was executed, since the cluster has workers that will not do:\n  worker tcp://\S+: "
        r"it has the code of lensdoc \w{8} where here is \w{8}; install the same everywhere\n",
        errors,
    )


@pytest.mark.usefixtures("full")
def test_a_worker_without_lensdoc_is_named(tmp_path, cluster, mark):
    project = make(tmp_path / "project", {"small": [SAVE]}, {"small": {}})
    (tmp_path / "none" / "lensdoc").mkdir(parents=True)
    (tmp_path / "none" / "lensdoc" / "__init__.py").touch()
    cluster.environment["PYTHONPATH"] = str(tmp_path / "none")
    worker(cluster, "one")
    code, _, errors = call(project, "run", "--cluster", cluster.address, mark=mark)
    assert code == 1
    assert "ModuleNotFoundError(\"No module named 'lensdoc.pipeline'\"); install the same lensdoc everywhere" in errors
    assert "Traceback" not in errors


@pytest.fixture
def certificates(tmp_path):
    """A certificate of loopback that signs itself, as Dask's settings in the environment."""
    folder = tmp_path / "tls"
    folder.mkdir()
    names = ["-subj", "/CN=lensdoc", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *names, "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    files = {"CA_FILE": "cert.pem"} | {f"{who}__{what}": f"{what.lower()}.pem" for who in WHO for what in ("CERT", "KEY")}
    return {f"DASK_DISTRIBUTED__COMM__TLS__{name}": str(folder / file) for name, file in files.items()}


@pytest.mark.usefixtures("full")
def test_a_cluster_with_tls_takes_runs_from_who_has_the_certificates_and_from_no_other(tmp_path, mark, certificates):
    project = make(tmp_path / "project", {"small": [SAVE]}, {"small": {}})
    folder = tmp_path / "cluster"
    folder.mkdir()
    environment = {MARK: mark, "LENSDOC_KERNELS": "start", "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true"} | certificates
    with Cluster(folder, "tls", environment) as cluster:
        worker(cluster, "one")
        for address in (cluster.address, cluster.address.replace("tls://", "tcp://")):
            code, _, errors = call(project, "run", "--cluster", address, mark=mark)
            assert code == 1
            assert errors.startswith(f"lensdoc: no Dask scheduler answers at {address!r} (")
            assert "Traceback" not in errors
        code, output, errors = call(project, "run", "--cluster", cluster.address, mark=mark, environment=certificates)
        assert (code, errors) == (0, "")
        assert "small: 1 record in" in output


PAGE = Path(__file__).parents[1] / "docs" / "guide" / "cluster.md"


@pytest.mark.long
@pytest.mark.parametrize("number", [pytest.param(0, id="loopback"), pytest.param(1, id="tls", marks=pytest.mark.long)])
def test_the_commands_of_the_guide_run_as_they_stand(tmp_path, mark, number):
    commands = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert len(commands) == 2
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    project = make(tmp_path / "project", {"small": [SAVE]}, {"small": {}})
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"HOME": str(tmp_path), "PATH": path, MARK: mark, "LENSDOC_KERNELS": "start"}
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [str(shutil.which("bash")), "-e", "-c", re.sub("878[67]", str(port), commands[number])],
            cwd=project.root,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            process.wait(60)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, (tmp_path / "log").read_text()
    assert "small: 1 record in" in (tmp_path / "log").read_text()
    assert set(results(project)[1]) == {"small"}


ADAPTIVE = """
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=0, threads_per_worker=1, dashboard_address=None) as cluster:
        cluster.adapt(minimum=0, maximum=1)
        print(cluster.scheduler_address, flush=True)
        input()
"""


@pytest.mark.usefixtures("full")
def test_a_cluster_that_grows_by_need_is_given_runs_to_grow_by(tmp_path, mark):
    """As on Slurm: a job, and with it a worker, is started for runs that wait."""
    project = make(tmp_path / "project", {"small": [SAVE]}, {"small": {}})
    (tmp_path / "adaptive.py").write_text(ADAPTIVE)
    environment = os.environ | {MARK: mark, "LENSDOC_KERNELS": "start"}
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "adaptive.py"], cwd=tmp_path, env=environment, text=True, **streams) as process:
        code, output, errors = call(project, "run", "--cluster", process.stdout.readline().strip(), mark=mark)
        process.stdin.close()
    assert (code, errors) == (0, "")
    assert "small: 1 record in" in output
