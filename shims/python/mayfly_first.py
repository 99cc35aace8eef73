"""
The first process of a sandbox: it waits until it is killed, and everything in its namespace of processes with it.

An interpreter that does only this would keep a megabyte of its own, so a program of one page takes its place where the
processor is one that it was written for.
"""
import os
import platform
import signal
import struct

ADDRESS = 0x400000
CODE = {
    "x86_64": bytes.fromhex(
        "b822000000"  # wait:   mov $34, %eax             pause
        "0f05"        #         syscall
        "ebf7"),      #         jmp wait
}


def open_program(place):
    """Puts the program on a descriptor, if there is one for this processor. Nobody may read it, so its process cannot be looked into."""
    code = CODE.get(platform.machine())
    if code is None:
        return
    start = 64 + 56
    header = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, ADDRESS + start, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, ADDRESS, ADDRESS, start + len(code), start + len(code), 4096)
    written = os.memfd_create("first")
    os.write(written, header + segment + code)
    # A program that is open for writing cannot be run.
    read = os.open("/proc/self/fd/%d" % written, os.O_RDONLY)
    os.fchmod(written, 0o111)
    os.close(written)
    os.dup2(read, place, inheritable=False)
    if read != place:
        os.close(read)


def be_first(program, status):
    """Takes over this process, and closes the descriptor that says so."""
    os.closerange(0, status)
    try:
        os.execve(program, ["first"], {})
    except OSError:
        os.close(status)  # none for this processor, or not allowed here
    while True:
        signal.pause()
