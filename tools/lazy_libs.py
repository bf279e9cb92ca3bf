#!/usr/bin/env python3
"""Write the assembly of stand-ins for functions of shared libraries, which then are loaded at the first call.

usage: lazy_libs.py OBJECTS_AND_ARCHIVES -- SHARED_LIBRARIES > lazy_libs.S

A program linked with the result instead of the libraries starts without them (common/base/lazy_lib.h). Every
function the objects leave undefined and one of the libraries defines gets a stand-in in a section of its own, so
that the linker drops those not needed. For x86-64 only.
"""

import re
import subprocess
import sys

# Registers that may hold arguments; rax says how many of the others are in use when they are variable.
HEAD = """\
/* written by tools/lazy_libs.py */
    .text
    .type lazy_lib_enter, @function
lazy_lib_enter:
    .cfi_startproc
    push %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    mov %rsp, %rbp
    .cfi_def_cfa_register %rbp
    sub $192, %rsp
    and $-16, %rsp
"""
GENERAL = ("rax", "rdi", "rsi", "rdx", "rcx", "r8", "r9")
VECTOR = tuple(f"xmm{i}" for i in range(8))
TAIL = """\
    leave
    .cfi_def_cfa %rsp, 8
    jmp *%r11
    .cfi_endproc
    .size lazy_lib_enter, . - lazy_lib_enter
"""
LIBRARY = """\
    .section .data.lazy_lib.{label}, "aw"
    .balign 8
{label}: .quad {label}_name, 0
    .section .rodata.lazy_lib.{label}, "a"
{label}_name: .asciz "{soname}"
"""
FUNCTION = """\
    .section .text.lazy_lib.{name}, "ax"
    .globl {name}
    .type {name}, @function
{name}:
    jmp *lazy_at_{name}(%rip)
lazy_first_{name}:
    lea lazy_at_{name}(%rip), %r11
    jmp lazy_lib_enter
    .size {name}, . - {name}
    .section .data.lazy_lib.{name}, "aw"
    .balign 8
lazy_at_{name}: .quad lazy_first_{name}, {label}, lazy_name_{name}
    .section .rodata.lazy_lib.{name}, "a"
lazy_name_{name}: .asciz "{name}"
"""


def output_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def undefined(objects):
    """The names that some object needs and none defines."""
    needed, defined = set(), set()
    for line in output_of("nm", "--portability", *objects).splitlines():
        words = line.split()
        if len(words) >= 2:
            (needed if words[1] == "U" else defined).add(words[0])
    return needed - defined


def functions(library):
    """The functions a shared library offers."""
    lines = output_of("nm", "--dynamic", "--defined-only", "--portability", library).splitlines()
    words = (line.split() for line in lines)
    return {w[0].split("@")[0] for w in words if w[1] in "TWi"}


def soname(library):
    return re.search(r"SONAME\s+(\S+)", output_of("objdump", "-p", library)).group(1)


def moves():
    """Keep the registers, ask for the function, bring them back."""
    general = [(f"%{r}", 128 + 8 * i) for i, r in enumerate(GENERAL)]
    vector = [(f"%{r}", 16 * i) for i, r in enumerate(VECTOR)]
    kept = [("mov", r, at) for r, at in general] + [("movaps", r, at) for r, at in vector]
    yield from (f"    {op} {r}, {at}(%rsp)" for op, r, at in kept)
    yield from ("    mov %r11, %rdi", "    call lazy_lib_resolve", "    mov %rax, %r11")
    yield from (f"    {op} {at}(%rsp), {r}" for op, r, at in kept)


def main():
    at = sys.argv.index("--")
    needed = undefined(sys.argv[1:at])
    print(HEAD + "\n".join(moves()) + "\n" + TAIL, end="")
    for i, library in enumerate(sys.argv[at + 1:]):
        names = sorted(functions(library) & needed)
        needed -= set(names)
        label = f"lazy_lib_{i}"
        print(LIBRARY.format(label=label, soname=soname(library)), end="")
        for name in names:
            print(FUNCTION.format(name=name, label=label), end="")
    print('    .section .note.GNU-stack, "", @progbits')


if __name__ == "__main__":
    main()
