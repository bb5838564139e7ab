"""A Slurm of one node in a folder of its own, whatever Slurm the machine has besides."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

DAEMONS = ("munged", "slurmctld", "slurmd")
# setpriv lets the daemons go with this process, however it ends.
PROGRAMS = (*DAEMONS, "sbatch", "scancel", "scontrol", "sinfo", "squeue", "setpriv")
PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
START_LIMIT = 30  # s
JOB_LIMIT = 60  # s
CONFIGURATION = """
ClusterName=spinode
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmUser={user}
SlurmdUser={user}
AuthInfo=socket={munge_socket}
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdSpoolDir={folder}/spool
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=bf_interval=1
MaxArraySize={max_array_size}
ReturnToService=2
MailProg=/bin/true
NodeName=node NodeHostname={host} NodeAddr=127.0.0.1 Port={node_port} CPUs={cpus}
PartitionName=tests Nodes=node Default=YES OverSubscribe=NO
"""


class SlurmError(Exception):
    """Slurm is not there, does not start or does not go on; with the ends of the logs."""


def free_ports(number: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def tail(file: Path, lines: int = 5) -> str:
    return "\n".join(file.read_text(errors="replace").splitlines()[-lines:]) if file.exists() else ""


class Cluster:
    """munged, slurmctld and slurmd, as any user, for as long as the context lasts; jobs end with it."""

    def __init__(self, cpus: int, max_array_size: int):
        self.cpus = cpus  # more than there are do no harm
        self.max_array_size = max_array_size
        self.daemons: dict[str, subprocess.Popen] = {}

    def __enter__(self) -> "Cluster":
        missing = [name for name in PROGRAMS if not shutil.which(name, path=PATH)]
        if missing:
            raise SlurmError(f"not installed: {', '.join(missing)}")
        # Not pytest's: the path of a socket has at most 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-"))
        try:
            self.configure()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def configure(self) -> None:
        self.munge_socket = self.folder / "munge.socket"
        controller_port, node_port = free_ports(2)
        file = self.folder / "slurm.conf"
        file.write_text(
            CONFIGURATION.format(
                host=socket.gethostname().split(".")[0],
                user=os.geteuid(),
                folder=self.folder,
                munge_socket=self.munge_socket,
                controller_port=controller_port,
                node_port=node_port,
                cpus=self.cpus,
                max_array_size=self.max_array_size,
            )
        )
        (self.folder / "state").mkdir()
        (self.folder / "spool").mkdir()
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(128))
        foreign = re.compile(r"(SLURM|SBATCH|SCANCEL|SINFO|SQUEUE|SRUN)_")
        self.environment = {name: value for name, value in os.environ.items() if not foreign.match(name)}
        self.environment |= {"SLURM_CONF": str(file), "PATH": PATH}

    def start(self) -> None:
        # --force: the folder is closed to other users.
        options = [f"--{name}-file={self.folder}/munge.{name}" for name in ("key", "pid", "seed", "log")]
        options.append(f"--socket={self.munge_socket}")
        self.launch("munged", "--foreground", "--force", *options)
        self.wait_for(self.munge_socket.exists, "munged makes no socket", START_LIMIT)
        self.launch("slurmctld", "-D")
        self.launch("slurmd", "-D", "-N", "node")
        self.wait_for(self.idle, "the node does not become idle", START_LIMIT)

    def idle(self) -> bool:
        return self.command("sinfo", "-h", "-o", "%T").stdout == "idle\n"

    def launch(self, name: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self.daemons[name] = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", shutil.which(name, path=PATH), *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def wait_for(self, condition, otherwise: str, limit: float) -> None:
        deadline = time.monotonic() + limit
        while not condition():
            ended = [name for name, process in self.daemons.items() if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                reason = f"{ended[0]} has ended" if ended else otherwise
                raise SlurmError(f"{reason}\n{self.logs()}")
            time.sleep(0.05)

    def logs(self) -> str:
        tails = {name: tail(self.folder / f"{name}.log") for name in self.daemons}
        return "\n".join(f"{name}: {lines}" for name, lines in tails.items() if lines)

    def __exit__(self, *_) -> None:
        for name in reversed(self.daemons):
            self.daemons[name].terminate()
        for process in self.daemons.values():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        while processes := self.processes():
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def processes(self) -> list[int]:
        """Steps of jobs and what they have started; they are no children of slurmd."""
        mark = f"SLURM_CONF={self.folder}/".encode()
        found = []
        for environment in Path("/proc").glob("[0-9]*/environ"):
            try:
                marked = mark in environment.read_bytes()
            except OSError:  # another user's, or gone
                continue
            if marked:
                found.append(int(environment.parent.name))
        return found

    def command(self, *command: str, **options) -> subprocess.CompletedProcess:
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60, **options)

    def done(self, *command: str) -> str:
        done = self.command(*command)
        assert done.returncode == 0, (command, done.stderr, self.logs())
        return done.stdout

    def wait(self) -> None:
        """Until no job is left."""
        self.wait_for(lambda: not self.done("squeue", "-h"), "jobs go on", JOB_LIMIT)
