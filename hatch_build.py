"""Compiles the native kernel beside its source, and digests the rules beside theirs.

Without a C compiler floodscan installs all the same: slower, no different.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "floodscan.fast._kernel"
SOURCE = "floodscan/fast/kernel.c"


class KernelHook(BuildHookInterface[Any]):
    """Hatchling's hook: https://hatch.pypa.io/latest/plugins/build-hook/custom/"""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        digest = self._digest()
        if digest is not None:
            build_data["artifacts"].append(digest)
        built = self._build()
        if built is None:
            return
        build_data["artifacts"].append(built)
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"cp311-abi3-{platform}"

    def _digest(self) -> str | None:
        """The path of the digest of the rules, from the project's root; None where nothing can be written there."""
        sys.path.insert(0, self.root)
        try:
            from floodscan.rules import build

            return build.write().resolve().relative_to(Path(self.root).resolve()).as_posix()
        except OSError as error:
            self.app.display_warning(f"the rules were not digested, floodscan will start slower: {error}")
            return None
        finally:
            sys.path.remove(self.root)

    def _build(self) -> str | None:
        """The path of what was compiled, from the project's root; None where there is no compiler."""
        from setuptools import Distribution, Extension
        from setuptools.command.build_ext import build_ext
        from setuptools.errors import BaseError, CCompilerError

        extension = Extension(NAME, [SOURCE], py_limited_api=True, extra_compile_args=_flags())
        command = build_ext(Distribution({"name": "floodscan", "ext_modules": [extension]}))
        command.inplace = True
        command.force = True  # what the source includes may have changed
        with TemporaryDirectory() as objects:
            command.build_temp = command.build_lib = objects
            command.ensure_finalized()
            try:
                command.run()
            except (BaseError, CCompilerError, OSError) as error:
                self.app.display_warning(f"the native kernel was not built, floodscan will be slower: {error}")
                return None
        return Path(command.get_ext_fullpath(NAME)).resolve().relative_to(Path(self.root).resolve()).as_posix()


def _flags() -> list[str]:
    return [] if sysconfig.get_platform().startswith("win") else ["-O3", "-g0", "-std=c99"]
