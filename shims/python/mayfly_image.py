"""
Makes the memory that the zygote has filled an image in a file: each fork maps it, has pages of its own only where it writes, and gives
those back that it wrote without changing them, which most are: a count of references went up and down.

Both must not see the interpreter run between reading a page and replacing it, so both are programs of a few instructions, where the
processor is one that they were written for.
"""
import array
import ctypes
import fcntl
import mmap
import os
import platform
import signal

PAGE, WORD = 4096, (1 << 64) - 1
MADV_POPULATE_READ, POLLIN, BY_ITSELF = 22, 1, 2
SIGNALS = signal.valid_signals()
CODE = {
    # Each takes a table of parts, which ends with 0, and a descriptor.
    "x86_64": (bytes.fromhex(
        # take: (start, size, place in the file) each, the file. Writes each part there, and maps the file in its place.
        "53"                 #         push %rbx
        "4154"               #         push %r12
        "4889fb"             #         mov %rdi, %rbx
        "4189f4"             #         mov %esi, %r12d
        "48833b00"           # next:   cmpq $0x0, (%rbx)          a part of the table
        "7444"               #         je end
        "4489e7"             #         mov %r12d, %edi
        "488b33"             #         mov (%rbx), %rsi
        "488b5308"           #         mov 0x8(%rbx), %rdx
        "4c8b5310"           #         mov 0x10(%rbx), %r10
        "b812000000"         #         mov $0x12, %eax            pwrite64
        "0f05"               #         syscall
        "483b4308"           #         cmp 0x8(%rbx), %rax        the image has it
        "7529"               #         jne end
        "488b3b"             #         mov (%rbx), %rdi
        "4889c6"             #         mov %rax, %rsi
        "ba03000000"         #         mov $0x3, %edx             PROT_READ | PROT_WRITE
        "4589e0"             #         mov %r12d, %r8d
        "4d89d1"             #         mov %r10, %r9
        "41ba12000000"       #         mov $0x12, %r10d           MAP_PRIVATE | MAP_FIXED
        "b809000000"         #         mov $0x9, %eax             mmap
        "0f05"               #         syscall
        "483b03"             #         cmp (%rbx), %rax
        "7506"               #         jne end
        "4883c318"           #         add $0x18, %rbx
        "ebb6"               #         jmp next
        "488b03"             # end:    mov (%rbx), %rax           0, or where it could not go on
        "415c"               #         pop %r12
        "5b"                 #         pop %rbx
        "c3"                 #         ret
    ), bytes.fromhex(
        # give: (start, end, distance to the image) each, the page map; then struct pollfd, and the mask of signals until it is ready.
        "53"                 #         push %rbx
        "55"                 #         push %rbp
        "4154"               #         push %r12
        "4155"               #         push %r13
        "4156"               #         push %r14
        "4157"               #         push %r15
        "4881ec00100000"     #         sub $0x1000, %rsp          room for 512 entries of the page map
        "4889fb"             #         mov %rdi, %rbx
        "89f5"               #         mov %esi, %ebp
        "4c8b23"             # part:   mov (%rbx), %r12           a part of the table
        "4d85e4"             #         test %r12, %r12
        "0f8487000000"       #         je wait
        "4c8b6b08"           #         mov 0x8(%rbx), %r13
        "4c8b7310"           #         mov 0x10(%rbx), %r14
        "4d89e7"             #         mov %r12, %r15             from here on all pages may go
        "4d39ec"             # look:   cmp %r13, %r12
        "7369"               #         jae last
        "89ef"               #         mov %ebp, %edi
        "4889e6"             #         mov %rsp, %rsi
        "ba00100000"         #         mov $0x1000, %edx
        "4d89e2"             #         mov %r12, %r10
        "49c1ea09"           #         shr $0x9, %r10
        "b811000000"         #         mov $0x11, %eax            pread64
        "0f05"               #         syscall
        "4839d0"             #         cmp %rdx, %rax
        "754c"               #         jne last
        "4531c0"             #         xor %r8d, %r8d
        "4a8b04c4"           # page:   mov (%rsp, %r8, 8), %rax   what the map says of a page
        "480fbae03d"         #         bt $0x3d, %rax             still the image's
        "7224"               #         jb next
        "48c1e83e"           #         shr $0x3e, %rax            not there at all
        "741e"               #         je next
        "4b8d3434"           #         lea (%r12, %r14, 1), %rsi  the same page of the image
        "4c89e7"             #         mov %r12, %rdi
        "b900020000"         #         mov $0x200, %ecx
        "f348a7"             #         repz cmpsq %es:(%rdi), %ds:(%rsi)  changed?
        "740d"               #         je next
        "e85e000000"         #         call drop                  gives back what lies before it
        "4d8dbc2400100000"   #         lea 0x1000(%r12), %r15
        "4981c400100000"     # next:   add $0x1000, %r12
        "4d39ec"             #         cmp %r13, %r12
        "730e"               #         jae last
        "41ffc0"             #         inc %r8d
        "4181f800020000"     #         cmp $0x200, %r8d
        "72b9"               #         jb page
        "eb92"               #         jmp look
        "e837000000"         # last:   call drop
        "4883c318"           #         add $0x18, %rbx
        "e96dffffff"         #         jmp part
        "488d7b08"           # wait:   lea 0x8(%rbx), %rdi        for one frame more
        "be01000000"         #         mov $0x1, %esi
        "31d2"               #         xor %edx, %edx
        "4c8d5310"           #         lea 0x10(%rbx), %r10
        "41b808000000"       #         mov $0x8, %r8d
        "b80f010000"         #         mov $0x10f, %eax           ppoll
        "0f05"               #         syscall
        "4881c400100000"     #         add $0x1000, %rsp
        "415f"               #         pop %r15
        "415e"               #         pop %r14
        "415d"               #         pop %r13
        "415c"               #         pop %r12
        "5d"                 #         pop %rbp
        "5b"                 #         pop %rbx
        "c3"                 #         ret
        "4c89ff"             # drop:   mov %r15, %rdi
        "4c89e6"             #         mov %r12, %rsi
        "4829fe"             #         sub %rdi, %rsi
        "740c"               #         je dropped
        "ba04000000"         #         mov $0x4, %edx             MADV_DONTNEED
        "b81c000000"         #         mov $0x1c, %eax            madvise
        "0f05"               #         syscall
        "c3"                 # dropped:ret
    )),
}
libc = ctypes.PyDLL(None)
libc.mmap.restype = libc.pthread_self.restype = ctypes.c_void_p


def long(value):
    return ctypes.c_ulong(value)


def parts(wanted):
    """What of the memory of this process may be written, and is wanted for its line: (start, end, place in the file)."""
    with open("/proc/self/maps") as maps:
        for line in maps:
            if " rw-p " in line and wanted(line):
                place, _, offset, _ = line.split(None, 3)
                start, end = place.split("-")
                yield int(start, 16), int(end, 16), int(offset, 16)


def own(line):
    """Not the stack, which the programs stand on, nor what the kernel writes for this thread."""
    start, end = (int(part, 16) for part in line.split(None, 1)[0].split("-"))
    return "[stack" not in line and not start <= libc.pthread_self() < end


def fixed(start, end):
    """Leaves out blocks that the allocator has mapped by themselves: it lets them grow where they are, which a file does not."""
    place = start
    while place < end:
        before, size = (ctypes.c_uint64 * 2).from_address(place)
        if before == 0 and size % PAGE == BY_ITSELF and PAGE < size <= end - place + BY_ITSELF:
            yield start, place
            place = start = place + size - BY_ITSELF
        else:
            place += PAGE
    yield start, end


class Image:
    """channel: what a process that has given back waits for."""

    def __init__(self, channel, code):
        self.channel = channel
        program = os.memfd_create("mayfly-code")
        os.write(program, code[0] + code[1])
        place = libc.mmap(None, long(PAGE), mmap.PROT_READ | mmap.PROT_EXEC, mmap.MAP_PRIVATE, program, long(0))
        os.close(program)
        if place == WORD:
            raise OSError("no code that a process brings runs here")
        self.take_parts = ctypes.PYFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p, ctypes.c_int)(place)
        self.give_parts = ctypes.PYFUNCTYPE(ctypes.c_long, ctypes.c_void_p, ctypes.c_int)(place + len(code[0]))
        self.file = os.memfd_create("mayfly", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        about = os.fstat(self.file)
        self.mark = " %02x:%02x %d " % (os.major(about.st_dev), os.minor(about.st_dev), about.st_ino)
        # Forks compare with this. What comes until the image is taken makes it a little larger.
        self.size = sum(end - start for start, end, _ in parts(own)) + (16 << 20)
        self.pages = libc.mmap(None, long(self.size), mmap.PROT_READ, mmap.MAP_PRIVATE, self.file, long(0))

    def taken(self, line):
        return self.mark in line

    def take(self):
        """From here on this memory is the image, and what is written to it this process's own."""
        table, size = array.array("Q"), 0
        for start, end in [piece for start, end, _ in list(parts(own)) for piece in fixed(start, end)]:
            if start < end and size + end - start <= self.size:
                table.extend((start, end - start, size))
                size += end - start
        table.append(0)
        before = signal.pthread_sigmask(signal.SIG_SETMASK, SIGNALS)
        self.take_parts(table.buffer_info()[0], self.file)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        # All of it is there: no fork can fill a hole, whose memory would outlive it.
        fcntl.fcntl(self.file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL)
        os.close(self.file)
        # A fork has the pages that this process has, and need not find each when it first reads it.
        for start, end, _ in parts(self.taken):
            libc.madvise(ctypes.c_void_p(start), long(end - start), MADV_POPULATE_READ)

    def give(self):
        """Gives back what this process has not changed, and waits for the channel: each line of Python would take some of it again."""
        try:
            # Another thread might write between a look and a gift.
            if len(os.listdir("/proc/self/task")) > 1:
                return
            table = array.array("Q")
            for start, end, place in parts(self.taken):
                table.extend((start, end, self.pages + place - start & WORD))
            page_map = os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
        except Exception:
            return  # the function has put something in the place of what this calls, or has no descriptor left
        before = signal.pthread_sigmask(signal.SIG_SETMASK, SIGNALS)
        try:
            mask = sum(1 << number - 1 for number in before)
            table.extend((self.pages, self.pages + self.size, 0, 0, self.channel | POLLIN << 32, mask))
            self.give_parts(table.buffer_info()[0], page_map)
        finally:
            os.close(page_map)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def image(channel):
    """What becomes one when it takes, or nothing where that cannot be."""
    code = CODE.get(platform.machine())
    try:
        return code and Image(channel, code)
    except OSError:
        return None
