"""Builds one worker per language; what cannot be built is skipped with its reason."""

import os
import pathlib
import shutil
import subprocess

OURS = {"HybridRing", "BatchRing", "MPMCRing", "MulticastRing"}
JARS = {"Queues": "jctools-core.jar", "Topologies": "disruptor.jar"}
JAVA_LIBRARIES = pathlib.Path("/usr/share/java")


class BuildFailure(Exception):
    """Its text is the reason a worker is skipped for."""


def execute(command, directory, **environment):
    if not shutil.which(command[0]):
        raise BuildFailure(f"{command[0]} is not installed")
    result = subprocess.run(
        command, cwd=directory, env={**os.environ, **environment},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if result.returncode != 0:
        lines = [line for line in result.stdout.splitlines() if "error" in line.lower()]
        raise BuildFailure((lines or ["the build failed"])[0].strip())


def is_current(product, sources):
    """Whether a product is newer than all it is made from."""
    return product.exists() and all(
        source.stat().st_mtime < product.stat().st_mtime for source in sources)


def probe(here, out):
    out.mkdir(exist_ok=True)
    execute(["gcc", "-O2", "-march=native", "-fPIC", "-Iprobe/include", "-c", "probe/probe.c",
             "-o", out / "probe.o"], here)
    execute(["ar", "rcs", out / "libprobe.a", out / "probe.o"], here)


def swift(here, _):
    package = here.parent
    command = ["swift", "build", "-c", "release", "--package-path", package,
               "--product", "peers-swift", "-Xcc", "-march=native"]
    execute(command, package)
    return [package / ".build/release/peers-swift"]


def cpp(here, out):
    product = out / "peers-cpp"
    sources = [*here.glob("cpp/*"), *here.glob("probe/**/*.[ch]")]
    if not is_current(product, sources):
        includes = ["-Iprobe/include"]
        for folder in ("/usr/include/dpdk", "/usr/include/x86_64-linux-gnu/dpdk"):
            includes += ["-isystem", folder]
        execute(["g++", "-std=c++20", "-O3", "-march=native", *includes,
                 *map(str, sorted(here.glob("cpp/*.cpp"))), out / "probe.o", "-o", product,
                 "-pthread"], here)
    return [product]


def rust(here, out):
    execute(["cargo", "build", "--release", "--target-dir", out / "rust"], here / "rust",
            RUSTFLAGS=f"-C target-cpu=native -L native={out}")
    return [out / "rust/release/peers-rust"]


def java(here, out):
    compiler = shutil.which("javac")
    if not compiler:
        raise BuildFailure("javac is not installed")
    home = pathlib.Path(compiler).resolve().parents[1]
    library = out / "libprobe-jni.so"
    execute(["gcc", "-O2", "-shared", "-fPIC", "-Iprobe/include", f"-I{home}/include",
             f"-I{home}/include/linux", "probe/jni.c", out / "probe.o", "-o", library,
             "-pthread"], here)
    present = {name: JAVA_LIBRARIES / jar for name, jar in JARS.items()
               if (JAVA_LIBRARIES / jar).exists()}
    path = ":".join(map(str, [out / "java", *present.values()]))
    sources = [here / f"java/{name}.java" for name in ("Probe", "Harness", "Worker", *present)]
    shutil.rmtree(out / "java", ignore_errors=True)
    execute(["javac", "-cp", path, "-d", out / "java", *sources], here)
    return ["java", f"-Dpeers.probe={library}", "-cp", path, "Worker"]


def all_workers(here):
    """The commands that start the workers, and who is skipped why."""
    out = here / ".build"
    probe(here, out)
    commands, skipped = [], []
    for name, build in (("ours", swift), ("C and C++", cpp), ("Rust", rust), ("Java", java)):
        print(f"building {name} ...", flush=True)
        try:
            commands.append([str(word) for word in build(here, out)])
        except BuildFailure as failure:
            skipped.append((name, str(failure)))
    return commands, skipped
