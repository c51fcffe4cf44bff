package sandbox

import (
	"bytes"
	"encoding/binary"
	"runtime"

	"golang.org/x/sys/unix"

	"nerva/core/api"
)

// architectures are those whose system calls the filter knows (linux/audit.h).
var architectures = map[string]uint32{
	"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64, "riscv64": unix.AUDIT_ARCH_RISCV64,
}

// Offsets in struct seccomp_data (linux/seccomp.h); of an argument the lower half, as all of architectures are little-endian.
const (
	offsetNumber   = 0
	offsetArch     = 4
	offsetArgument = 16
)

// x32 is the bit of amd64's second set of system calls, which has other numbers for the same.
const x32 = 0x40000000

// families of sockets that are there. Without AF_UNIX no socket of the session can be reached, wherever it lies: a
// path that nobody thought to hide, or with the network granted an abstract name, which belongs to the network
// namespace (unix(7)) that is then the session's. AF_VSOCK and AF_BLUETOOTH know no namespaces at all.
// Pairs of connected sockets, which lead nowhere else, stay possible.
var families = []uint32{unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK}

// absent are system calls that no command needs: a ring makes sockets past the filter, keyrings are the session's, and
// the rest has a history of ways out.
var absent = []uint32{
	unix.SYS_IO_URING_SETUP, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL,
	unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD,
}

// filter is the seccomp program that bubblewrap loads (seccomp(2)), in the bytes of the kernel's struct sock_filter.
func filter() ([]byte, error) {
	arch, known := architectures[runtime.GOARCH]
	if !known {
		return nil, api.Errorf(api.Unavailable, "the sandbox knows no system calls of %s; commands run on amd64, arm64 and riscv64", runtime.GOARCH)
	}
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	answer := func(k uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k} }
	fail := func(errno unix.Errno) unix.SockFilter { return answer(unix.SECCOMP_RET_ERRNO | uint32(errno)) }
	// unless skips the next instruction where the test does not hold.
	unless := func(test uint16, k uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | test | unix.BPF_K, K: k, Jf: 1}
	}
	program := []unix.SockFilter{
		load(offsetArch),
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: arch, Jt: 1},
		answer(unix.SECCOMP_RET_KILL_PROCESS),
		load(offsetNumber),
	}
	if runtime.GOARCH == "amd64" {
		program = append(program, unless(unix.BPF_JGE, x32), fail(unix.ENOSYS))
	}
	for _, number := range absent {
		program = append(program, unless(unix.BPF_JEQ, number), fail(unix.ENOSYS))
	}
	program = append(program,
		unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_SOCKET, Jt: 1}, answer(unix.SECCOMP_RET_ALLOW),
		load(offsetArgument))
	for _, family := range families {
		program = append(program, unless(unix.BPF_JEQ, family), answer(unix.SECCOMP_RET_ALLOW))
	}
	program = append(program, fail(unix.EAFNOSUPPORT))
	var b bytes.Buffer
	err := binary.Write(&b, binary.LittleEndian, program)
	return b.Bytes(), err
}
