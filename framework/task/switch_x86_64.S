/* task/switch_x86_64.S - leaving one stack for another on x86-64, System V ABI. The contract is in switch.h.
 *
 * A context points at the six registers that a callee keeps, and at the address to go on at above them. Going there with jmp and
 * not with ret lets the processor predict it: ret would always be predicted to return to where the other stack called from.
 * There is no CET note: the linker then leaves shadow stacks off, which a jmp would break.
 */
        .text

        .globl  gyre__switch
        .hidden gyre__switch
        .type   gyre__switch, @function
        .p2align 4
gyre__switch:                           /* rdi: from, rsi: to, edx: more */
        .cfi_startproc
        pushq   %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rbp, 0
        pushq   %rbx
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rbx, 0
        pushq   %r12
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r12, 0
        pushq   %r13
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r13, 0
        pushq   %r14
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r14, 0
        pushq   %r15
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r15, 0
        movq    %rsp, (%rdi)
.Lenter:
        movq    %rsi, %rsp
        movl    %edx, %eax
        popq    %r15
        .cfi_adjust_cfa_offset -8
        .cfi_restore r15
        popq    %r14
        .cfi_adjust_cfa_offset -8
        .cfi_restore r14
        popq    %r13
        .cfi_adjust_cfa_offset -8
        .cfi_restore r13
        popq    %r12
        .cfi_adjust_cfa_offset -8
        .cfi_restore r12
        popq    %rbx
        .cfi_adjust_cfa_offset -8
        .cfi_restore rbx
        popq    %rbp
        .cfi_adjust_cfa_offset -8
        .cfi_restore rbp
        popq    %rcx
        .cfi_adjust_cfa_offset -8
        .cfi_register rip, rcx
        jmp     *%rcx
        .cfi_endproc
        .size   gyre__switch, . - gyre__switch

/* The outermost frame of every coroutine: debuggers stop here. */
        .type   run, @function
        .p2align 4
run:                                    /* r12: entry, r13: arg */
        .cfi_startproc
        .cfi_undefined rip
        movq    %r13, %rdi
        callq   *%r12
        movq    %rax, %rsi
        xorl    %edx, %edx
        jmp     .Lenter
        .cfi_endproc
        .size   run, . - run

        .globl  gyre__switch_prepare
        .hidden gyre__switch_prepare
        .type   gyre__switch_prepare, @function
        .p2align 4
gyre__switch_prepare:                   /* rdi: top, rsi: entry, rdx: arg */
        .cfi_startproc
        leaq    run(%rip), %rax
        movq    %rax, -8(%rdi)
        movq    $0, -16(%rdi)           /* rbp: frame pointers end here too */
        movq    %rsi, -32(%rdi)         /* r12 */
        movq    %rdx, -40(%rdi)         /* r13 */
        leaq    -56(%rdi), %rax
        ret
        .cfi_endproc
        .size   gyre__switch_prepare, . - gyre__switch_prepare

        .section .note.GNU-stack, "", @progbits
