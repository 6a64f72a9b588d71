"""Machine code of compiled kernels, kept beside their source and called without the compiler.

To import and start numba takes 0.6 s, ten times as long as to load the code that it made. After the first compilation a
kernel's optimised module, reduced to what the kernel itself reaches, is therefore written as an object file, and later
processes call it through llvmlite alone. Whatever does not fit (another processor, version or argument type, a symbol
that the process does not have) goes the way of numba.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.metadata
import json
import os
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ...derivations.errors import NumericsError
from ..random import kernel_cache

Kernel = Callable[..., None]

_ELEMENTS = {"f4": "float*", "f8": "double*", "i4": "i32*", "u4": "i32*", "i8": "i64*", "u8": "i64*"}
_SCALARS = {"bool": ("i8", ctypes.c_bool), "int": ("i64", ctypes.c_int64), "float": ("double", ctypes.c_double)}
#: Return values of numba's calling convention: done, and done without a value.
_DONE = (0, -2)
#: Name of the threads that keep machine code.
THREAD = "crossproof-keep"
#: The arrays belong to the caller, so that no reference count of a kernel reaches zero.
_NO_OWNER = "define void @NRT_MemInfo_call_dtor(i8* %memory) {\n  ret void\n}\n"


def load(name: str) -> Kernel | None:
    """Return the kernel of the module `name` as this user's crossproof kept it on this machine, or None."""
    path = _place(name)
    return _load(path) if path is not None else None


def keeper(name: str, compiled: Any) -> Kernel:
    """Return `compiled`, a function of numba, such that its first call also keeps its machine code under `name`."""
    once = threading.Lock()

    def kernel(*arguments: Any) -> None:
        compiled(*arguments)
        if once.acquire(blocking=False):
            # beside the caller, who waits for an answer and not for this
            threading.Thread(target=keep, args=(name, compiled, arguments), name=THREAD).start()

    return kernel


def keep(name: str, compiled: Any, arguments: Sequence[Any]) -> bool:
    """Write the machine code of a compiled function for arguments of these types; return whether it can be called.

    Parameters
    ----------
    name : str
        Name of the generated module.
    compiled : numba dispatcher
        Compiled once.
    arguments : sequence
        Arguments of a call.
    """
    path, types = _place(name), [_type(a) for a in arguments]
    made = list(getattr(compiled, "overloads", {}).values())
    if path is None or len(made) != 1 or None in types:
        return False
    try:
        symbol, externals, code = _emitted(made[0], types)
        header = json.dumps({"symbol": symbol, "types": types, "externals": externals})
        kernel_cache.write(path, header.encode() + b"\n" + code)
    except (AttributeError, LookupError, NameError, OSError, RuntimeError):
        return False  # inside numba much may change, and the folder may not be writable: the next process compiles
    return True


def _emitted(made: Any, types: list[Any]) -> tuple[str, list[str], bytes]:
    """Return name, external symbols and object file of a compile result."""
    import llvmlite.binding as llvm

    convention = made.target_context.call_conv.get_function_type(made.signature.return_type, made.fndesc.argtypes)
    if [str(a) for a in convention.args[2:]] != [part for t in types for part in _lowered(t)]:
        raise LookupError("numba passes the arguments in another way")
    symbol = str(made.fndesc.llvm_func_name)
    module = llvm.parse_bitcode(made.library._final_module.as_bitcode())
    if module.get_function(symbol).is_declaration:
        raise LookupError("numba loaded the function from its cache, without its intermediate code")
    module.link_in(llvm.parse_assembly(_NO_OWNER))
    for part in (*module.functions, *module.global_variables):
        if not part.is_declaration:
            part.linkage = "external" if part.name == symbol else "internal"
    machine = made.library.codegen._tm
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=0)))
    externals = [f.name for f in module.functions if f.is_declaration and not f.name.startswith("llvm.")]
    return symbol, externals, machine.emit_object(module)


@lru_cache(maxsize=256)
def _load(path: Path) -> Kernel | None:
    import llvmlite.binding as llvm

    content = kernel_cache.read(path)
    if content is None:
        return None
    header, code = content.split(b"\n", 1)
    held = json.loads(header)
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    # LLVM ends the process over an unknown symbol; the engine has opened the process's own by now
    if any(llvm.address_of_symbol(external) is None for external in held["externals"]):
        return None
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return _Native(engine, engine.get_function_address(held["symbol"]), held["types"])


class _Native:
    """Machine code at an address, in the calling convention of numba."""

    def __init__(self, engine: Any, address: int, types: list[Any]) -> None:
        parts: list[Any] = [ctypes.c_void_p, ctypes.c_void_p]
        for t in types:
            parts += [_SCALARS[t][1]] if isinstance(t, str) else [ctypes.c_void_p] * 2 + [ctypes.c_int64] * 2
            parts += [] if isinstance(t, str) else [ctypes.c_void_p] + [ctypes.c_int64] * (2 * t[1])
        self._engine, self._types = engine, types  # the engine owns the memory of the code
        self._call = ctypes.CFUNCTYPE(ctypes.c_int32, *parts)(address)

    def __call__(self, *arguments: Any) -> None:
        if [_type(a) for a in arguments] != self._types:
            raise NumericsError("a kept kernel was called with arguments of other types; report this as a defect")
        flat: list[Any] = []
        for a in arguments:
            if isinstance(a, np.ndarray):
                flat += [None, None, a.size, a.itemsize, a.ctypes.data, *a.shape, *a.strides]
            else:
                flat.append(a)
        nothing, error = ctypes.c_void_p(), ctypes.c_void_p()
        status = self._call(ctypes.byref(nothing), ctypes.byref(error), *flat)
        if status not in _DONE:
            raise NumericsError(f"a kept kernel stopped with status {status}; report this as a defect")


def _type(argument: Any) -> Any:
    """Return how an argument is passed: a name, or element type and dimensions of an array; None if it is not."""
    if isinstance(argument, np.ndarray):
        plain = argument.flags.c_contiguous and argument.flags.aligned and argument.flags.writeable
        element = argument.dtype.str[1:]
        return [element, argument.ndim] if plain and argument.dtype.isnative and element in _ELEMENTS else None
    return type(argument).__name__ if type(argument) in (bool, int, float) else None


def _lowered(t: Any) -> list[str]:
    """Return the LLVM types in which numba passes an argument."""
    if isinstance(t, str):
        return [_SCALARS[t][0]]
    return ["i8*", "i8*", "i64", "i64", _ELEMENTS[t[0]], *["i64"] * (2 * t[1])]


def _place(name: str) -> Path | None:
    """Return the file of a kernel's machine code for this processor and these versions; None without llvmlite."""
    mark = _machine(tuple(sorted((k, v) for k, v in os.environ.items() if v and k.startswith("NUMBA_"))))
    return None if mark is None else kernel_cache.folder() / f"{name}.{mark}.object"


@lru_cache(maxsize=8)
def _machine(settings: tuple[tuple[str, str], ...]) -> str | None:
    try:
        import llvmlite.binding as llvm

        versions = [importlib.metadata.version(package) for package in ("llvmlite", "numba")]
    except ImportError:
        return None
    processor = (llvm.get_default_triple(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())
    return hashlib.sha256(repr((processor, versions, settings)).encode()).hexdigest()[:12]
