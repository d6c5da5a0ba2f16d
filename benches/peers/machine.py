"""What a record says of the machine, and how bitspin is built and run. Standard library only."""
import datetime
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDS = ROOT / "benches" / "record"
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def fail(why):
    sys.exit(f"error: {why}")


def output(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def cpu_field(name):
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    fail(f"/proc/cpuinfo names no {name}")


def simd():
    """The instructions that programs use: those of the CPU, or AVX2 if they are held to it."""
    if os.environ.get("BITSPIN_SIMD") == "avx2":
        return "held to AVX2"
    flags = cpu_field("flags").split()
    for flag, name in (("avx512bw", "AVX-512"), ("avx2", "AVX2")):
        if flag in flags:
            return name
    return "SSE2"


def l2_kib():
    for cache in pathlib.Path("/sys/devices/system/cpu/cpu0/cache").glob("index*"):
        if (cache / "level").read_text().strip() == "2":
            return int((cache / "size").read_text().strip().removesuffix("K"))
    return None


class Others:
    """What other work took of the machine while commands ran."""

    def __init__(self):
        self.cpu_seconds = self.elapsed = 0.0

    @staticmethod
    def now():
        """Seconds since some moment, and those that all cores have been busy, or taken by another machine, since."""
        user, nice, system, _, _, interrupts, soft, stolen = map(
            int, pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
        busy = user + nice + system + interrupts + soft + stolen
        return time.monotonic(), busy / os.sysconf("SC_CLK_TCK")

    def add(self, begin, own):
        elapsed, busy = (end - start for end, start in zip(self.now(), begin))
        self.elapsed += elapsed
        self.cpu_seconds += max(0.0, busy - own)

    def cores(self):
        """How many cores' worth it was on average."""
        return self.cpu_seconds / self.elapsed if self.elapsed else 0.0


others = Others()


def machine():
    family, model = cpu_field("cpu family"), cpu_field("model")
    return {
        "cpu": f"{cpu_field('model name')} (family {family}, model {model})",
        "cores": len(os.sched_getaffinity(0)),
        "simd": simd(),
        "l2_kib": l2_kib(),
        "others": round(others.cores(), 2),
    }


def versions():
    """The commit, marked where the sources are not those of the commit, and the compiler."""
    sources = ("core", "host", "Cargo.toml", "Cargo.lock", ".cargo")
    changed = output("git", "status", "--porcelain", "--", *sources)
    return {
        "bitspin": output("git", "rev-parse", "--short", "HEAD") + ("+changes" if changed else ""),
        "rustc": output("rustc", "--version").split()[1],
    }


def today():
    return datetime.date.today().isoformat()


def python_with(directory, packages):
    """A Python environment in `directory`, made and filled where it lacks `packages` (module: package)."""
    python = directory / "bin" / "python"
    if not python.exists():
        venv.create(directory, with_pip=True)
    find = "import importlib.util, sys; print(*(m for m in sys.argv[1:] if importlib.util.find_spec(m) is None))"
    missing = output(python, "-c", find, *packages).split()
    if missing:
        names = [packages[module] for module in missing]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *names], check=True)
    return python


def hold_to_avx2():
    """Holds bitspin and every library of the peers to AVX2, as on a CPU without AVX-512."""
    os.environ |= {"BITSPIN_SIMD": "avx2", "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2",
                   "MKL_ENABLE_INSTRUCTIONS": "AVX2"}


def library_environment(threads):
    """Ours, with as many threads for every library, and without settings that hold OpenBLAS to another CPU."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    kept = {key: value for key, value in os.environ.items() if key not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    if os.environ.get("BITSPIN_SIMD") == "avx2":
        kept["OPENBLAS_CORETYPE"] = "Haswell"
    return kept | {name: str(threads) for name in names}


def build():
    """Builds the command and returns its path."""
    subprocess.run(("cargo", "build", "--locked", "--release", "--package", "bitspin"), cwd=ROOT, check=True)
    return TARGET / "release" / "bitspin"


def measured(command, environment=None):
    """Runs a command to its end. Returns its standard output and its peak resident megabytes."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        begin = others.now()
        process = subprocess.Popen([str(word) for word in command], stdout=out, stderr=err, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        others.add(begin, usage.ru_utime + usage.ru_stime)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            fail(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{err.read()}")
        return out.read(), usage.ru_maxrss / 1024


def train(bitspin, out, data, *options):
    """One run of `bitspin rbm train`. Returns the seconds of training of each epoch, and peak megabytes."""
    source = ["--data", data] if data else []
    command = [bitspin, "rbm", "train", "--json", "--force", "--out", out, *source, *options]
    text, peak = measured(command)
    return [epoch["seconds"] for epoch in json.loads(text)["epochs"]], peak


def data_directory(given):
    """The directory of the digits, from the option or from BITSPIN_MNIST_DIR."""
    data = given or os.environ.get("BITSPIN_MNIST_DIR")
    if not data:
        fail("name the directory of MNIST's IDX files: --data DIR, or BITSPIN_MNIST_DIR")
    data = pathlib.Path(data).resolve()
    if not any((data / f"train-images-idx3-ubyte{end}").exists() for end in ("", ".gz")):
        fail(f"{data} holds no train-images-idx3-ubyte")
    return data


def images(data):
    """How many training images there are."""
    path = data / "train-images-idx3-ubyte"
    opened = path.open("rb") if path.exists() else gzip.open(path.with_name(path.name + ".gz"))
    with opened as file:
        return int.from_bytes(file.read(8)[4:], "big")


def warn_if_busy():
    taken = others.cores()
    if taken > 0.1 * len(os.sched_getaffinity(0)):
        print(f"\nOther work took {taken:.1f} of the cores meanwhile: these times are provisional.")


def write(path, record):
    """Writes a record with a run a line, so that its history can be read."""
    lines = []
    for key, value in record.items():
        if isinstance(value, list):
            rows = ",\n    ".join(json.dumps(row) for row in value)
            lines.append(f'  "{key}": [\n    {rows}\n  ]')
        else:
            lines.append(f'  "{key}": {json.dumps(value)}')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"\nwritten to {path}")
