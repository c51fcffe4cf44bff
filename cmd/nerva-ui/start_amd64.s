#include "textflag.h"

// start is the program's entry where the linker is told so (-E start, see the Makefile): for the plain
// `nerva-ui` of a key binding it does what socket.Call does, before the Go runtime, whose own start takes 190
// page faults where this takes 5, and longer than the overlay takes to draw. What is not plain (arguments, no
// overlay that listens, names that are too long) it leaves to the runtime's entry, with nothing sent. An
// overlay that took the line and did not answer it leaves in ·unanswered.
//
// The kernel puts the count of arguments at 0(SP), behind it the arguments, a null, the environment, a null
// (System V ABI, AMD64 supplement, 3.4.1). A system call takes its number in AX and arguments in DI, SI, DX,
// R10, R8; it changes AX (the result, or -errno), CX and R11. SP stays, for the runtime; the frame lies below
// it, where nothing else writes, since no signal has a handler yet.

#define sysRead       0
#define sysWrite      1
#define sysSocket     41
#define sysConnect    42
#define sysSetsockopt 54
#define sysExitGroup  231

#define eintr   4
#define maxPath 107  // bytes of sun_path before its null
#define maxLine 4096 // socket.MaxLine

// The frame.
#define answer       -8(SP)   // one byte
#define microseconds -16(SP)
#define seconds      -24(SP)  // a timeval
#define path         -134(SP) // sun_path, 108 bytes
#define address      -136(SP) // a sockaddr_un: the family, then the path
#define line         -4232(SP)

DATA dirName<>+0(SB)/8, $"XDG_RUNT"
DATA dirName<>+8(SB)/8, $"IME_DIR="
GLOBL dirName<>(SB), NOPTR|RODATA, $16

DATA tokenName<>+0(SB)/8, $"XDG_ACTI"
DATA tokenName<>+8(SB)/8, $"VATION_T"
DATA tokenName<>+16(SB)/5, $"OKEN="
GLOBL tokenName<>(SB), NOPTR|RODATA, $21

DATA socketName<>+0(SB)/8, $"/nerva/o"
DATA socketName<>+8(SB)/8, $"verlay.s"
DATA socketName<>+16(SB)/4, $"ock\x00"
GLOBL socketName<>(SB), NOPTR|RODATA, $20

DATA method<>+0(SB)/8, $"Toggle \x00"
GLOBL method<>(SB), NOPTR|RODATA, $8

DATA empty<>+0(SB)/1, $0
GLOBL empty<>(SB), NOPTR|RODATA, $1

// FIND has value point behind the name in the variable at R12, unless an earlier variable did.
#define FIND(name, length, value, other) \
	MOVQ R12, SI         \
	LEAQ name<>(SB), DI  \
	MOVQ $length, CX     \
	REP; CMPSB           \
	JNE  other           \
	CMPB (value), $0     \
	JNE  other           \
	MOVQ SI, value

// COPY moves the string that SI points to, without its null, to what DI points to, and DI behind it. It
// leaves where the string does not fit below R15.
#define COPY(next, done) \
next:             \
	CMPB (SI), $0 \
	JEQ  done     \
	CMPQ DI, R15  \
	JAE  leave    \
	MOVSB         \
	JMP  next     \
done:

TEXT start(SB), NOSPLIT|NOFRAME, $0
	CLD
	CMPQ 0(SP), $1
	JNE  leave

	// The runtime directory in R13 and the activation token in R14, out of the environment.
	LEAQ empty<>(SB), R13
	MOVQ R13, R14
	LEAQ 24(SP), BX
variable:
	MOVQ  (BX), R12
	ADDQ  $8, BX
	TESTQ R12, R12
	JEQ   environmentDone
	FIND(dirName, 16, R13, notDir)
notDir:
	FIND(tokenName, 21, R14, variable)
	JMP  variable
environmentDone:

	// Where the overlay listens.
	CMPB (R13), $0
	JEQ  leave
	MOVW $1, address // AF_UNIX
	LEAQ path, DI
	LEAQ maxPath(DI), R15
	MOVQ R13, SI
	COPY(dir, dirDone)
	LEAQ socketName<>(SB), SI
	COPY(name, nameDone)
	MOVB $0, (DI)

	// The line: R13 points to it, R14 is its length.
	LEAQ line, DI
	LEAQ (maxLine-1)(DI), R15
	LEAQ method<>(SB), SI
	COPY(word, wordDone)
	MOVQ R14, SI
	COPY(token, tokenDone)
	MOVB $10, (DI)
	LEAQ line, R13
	LEAQ 1(DI), R14
	SUBQ R13, R14

	MOVQ  $sysSocket, AX
	MOVQ  $1, DI       // AF_UNIX
	MOVQ  $0x80001, SI // SOCK_STREAM | SOCK_CLOEXEC
	XORL  DX, DX
	SYSCALL
	TESTQ AX, AX
	JLT   leave
	MOVQ  AX, BX

	MOVQ $5, seconds
	MOVQ $0, microseconds
	MOVQ $sysSetsockopt, AX
	MOVQ BX, DI
	MOVQ $1, SI  // SOL_SOCKET
	MOVQ $20, DX // SO_RCVTIMEO
	LEAQ seconds, R10
	MOVQ $16, R8
	SYSCALL

	MOVQ  $sysConnect, AX
	MOVQ  BX, DI
	LEAQ  address, SI
	MOVQ  $110, DX
	SYSCALL
	TESTQ AX, AX
	JNE   leave

	// The kernel takes a line of this length whole or not at all.
	MOVQ $sysWrite, AX
	MOVQ BX, DI
	MOVQ R13, SI
	MOVQ R14, DX
	SYSCALL
	CMPQ AX, R14
	JNE  leave

read:
	MOVQ $sysRead, AX
	MOVQ BX, DI
	LEAQ answer, SI
	MOVQ $1, DX
	SYSCALL
	CMPQ AX, $-eintr
	JEQ  read
	CMPQ AX, $1
	JNE  broken
	MOVQ $sysExitGroup, AX
	XORL DI, DI
	SYSCALL

broken:
	MOVB $1, ·unanswered(SB)
leave:
	JMP _rt0_amd64_linux(SB)
