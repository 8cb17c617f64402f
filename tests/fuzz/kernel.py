"""The native kernel under the address and undefined-behaviour sanitizers: python tests/fuzz/kernel.py SECONDS

Lines of made-up log calls, with bytes changed, cut out and doubled, go through all that the kernel does. Whatever it reads
or writes out of bounds ends the run with the sanitizer's report. Needs gcc and its sanitizers' libraries.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import time
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ODD = b'"\\{}[]:,0e-.\x00\x1f\x80\xff\xc3tfn 9'
FAR = 1 << 40


def main() -> None:
    built = os.environ.get("FLOODSCAN_FUZZED_KERNEL")
    if built is not None:
        fuzz(Path(built), float(sys.argv[1]))
        return
    with TemporaryDirectory() as folder:
        target = Path(folder, "_kernel.abi3.so")
        checks = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]
        include = sysconfig.get_paths()["include"]
        source = ROOT / "floodscan" / "fast" / "kernel.c"
        command = ["gcc", "-O1", "-g", *checks, "-shared", "-fPIC", f"-I{include}", str(source), "-o", str(target)]
        subprocess.run(command, check=True)
        libraries = [
            subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()
            for name in ("libasan.so", "libubsan.so")
        ]
        told = {"FLOODSCAN_FUZZED_KERNEL": str(target), "LD_PRELOAD": ":".join(libraries), "ASAN_OPTIONS": "detect_leaks=0"}
        sys.exit(subprocess.run([sys.executable, __file__, *sys.argv[1:]], env=os.environ | told).returncode)


def fuzz(built: Path, seconds: float) -> None:
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    from pretty_streams import printed
    from test_fast import carried, stream
    from test_fast_words import DISTINCT
    from test_fast_words import lines as worded

    from floodscan.fast.learn import Learner
    from floodscan.fast.pretty import JSON_ALONE, WITH_DATES, WITHOUT_DATES

    spec = spec_from_file_location("_kernel", built)
    assert spec is not None and spec.loader is not None
    module: Any = module_from_spec(spec)
    spec.loader.exec_module(module)
    random, end, runs = Random(0), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        learner = Learner(0, 6)
        kernel = learner.kernel = module.Kernel(
            learner.tell_path, learner.identify, learner.tells, learner.tell_prefix, learner.begins, 6, 0
        )
        learner.forget(random.choice([0, 0, 1, 3, 5]))

        def distinct(_: Random, count: int) -> bytes:
            return "\n".join(worded(DISTINCT, count)).encode()

        makers = [(carried, JSON_ALONE), (stream, JSON_ALONE), (distinct, JSON_ALONE), (printed, WITH_DATES)]
        make, mode = random.choice([*makers, (printed, WITHOUT_DATES)])
        drawn = make(Random(random.random()), 60)
        lines = [line for line in (records(drawn) if make is printed else drawn.split(b"\n")) if line]
        for _ in range(200):
            data = b"\n".join(changed(random, random.choice(lines)) for _ in range(random.randrange(1, 12)))
            take(kernel, learner, data + random.choice([b"", b"\n"]), mode)
            runs += 1
        if mode == WITHOUT_DATES:
            kernel.settle(random.randrange(900), -1, 0)
            kernel.settle(FAR, *kernel.settle(9_000, 5, 0))
        sample(kernel, learner)
    print(f"{runs:,} pieces of data, nothing found")


def changed(random: Random, line: bytes) -> bytes:
    out = bytearray(line)
    for _ in range(random.choice([0, 0, 1, 2, 5])):
        at = random.randrange(len(out)) if out else 0
        match random.randrange(4):
            case 0:
                out[at : at + 1] = bytes([random.choice(ODD)])
            case 1:
                del out[at : at + random.randrange(1, 9)]
            case 2:
                out[at:at] = out[random.randrange(len(out) or 1) :][: random.randrange(40)]
            case 3:
                out[at:at] = bytes([random.randrange(256)]) * random.choice([1, 2, 300])
    return bytes(out)


def records(drawn: bytes) -> list[bytes]:
    """The lines that are not indented, each with those below it."""
    return re.split(rb"\n(?! )", drawn)


def take(kernel: Any, learner: Any, data: bytes, mode: int) -> None:
    from floodscan.fast.fold import WANTING, text_of

    start, number = 0, 1
    while data.find(b"\n", start) >= 0:
        start, number, state, _, end = kernel.take(data, start, 0, number, 0, FAR, mode)
        if data.find(b"\n", start) < 0:
            return
        if 2 <= state < WANTING and learner.learn(text_of(data[start:end]), state - 2):
            after = kernel.take(data, start, 0, number, 0, FAR, mode)
            if after[0] > start:
                start, number = after[:2]
                continue
        start, number = data.index(b"\n", start) + 1, number + 1


def sample(kernel: Any, learner: Any) -> None:
    for _, first, end in kernel.begin(0, 65_536, FAR):
        kernel.failing(first, end)
        kernel.events(first, end)
        kernel.near(first, end, 5)
    kernel.variants()
    kernel.served()
    for number in {variant.signature for variant in learner.variants.values()}:
        for path in kernel.signature(number, 4, FAR, 3)[4]:
            kernel.key(number, path, (1 << 62, 1 << 62, 1 << 62), (4, 8, 2), bytes(16))
        kernel.histogram(number, 0, 2, 5)
    kernel.histogram(-1, 1, 3, 9)
    kernel.histogram(-2, 1, 3, 9)
    kernel.cut_details()
    kernel.drop()


if __name__ == "__main__":
    main()
