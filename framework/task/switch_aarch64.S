/* task/switch_aarch64.S - leaving one stack for another on aarch64, AAPCS64. The contract is in switch.h.
 *
 * A context points at the 20 registers that a callee keeps: x19 to x29, x30 (where to go on), and the low halves of v8 to v15.
 * Going there with br and not with ret lets the processor predict it: ret would always be predicted to return to where the other
 * stack called from. There is no BTI note: the linker then leaves branch targets unchecked.
 */
        .text

        .globl  gyre__switch
        .hidden gyre__switch
        .type   gyre__switch, %function
        .p2align 4
gyre__switch:                           /* x0: from, x1: to, w2: more */
        .cfi_startproc
        sub     sp, sp, #160
        .cfi_adjust_cfa_offset 160
        stp     x19, x20, [sp, #0]
        stp     x21, x22, [sp, #16]
        stp     x23, x24, [sp, #32]
        stp     x25, x26, [sp, #48]
        stp     x27, x28, [sp, #64]
        stp     x29, x30, [sp, #80]
        .cfi_rel_offset x29, 80
        .cfi_rel_offset x30, 88
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        mov     x9, sp
        str     x9, [x0]
.Lenter:
        mov     sp, x1
        mov     w0, w2
        ldp     x19, x20, [sp, #0]
        ldp     x21, x22, [sp, #16]
        ldp     x23, x24, [sp, #32]
        ldp     x25, x26, [sp, #48]
        ldp     x27, x28, [sp, #64]
        ldp     x29, x30, [sp, #80]
        .cfi_restore x29
        .cfi_restore x30
        ldp     d8, d9, [sp, #96]
        ldp     d10, d11, [sp, #112]
        ldp     d12, d13, [sp, #128]
        ldp     d14, d15, [sp, #144]
        add     sp, sp, #160
        .cfi_adjust_cfa_offset -160
        br      x30
        .cfi_endproc
        .size   gyre__switch, . - gyre__switch

/* The outermost frame of every coroutine: debuggers stop here. */
        .type   run, %function
        .p2align 4
run:                                    /* x19: entry, x20: arg */
        .cfi_startproc
        .cfi_undefined x30
        mov     x0, x20
        blr     x19
        mov     x1, x0
        mov     w2, #0
        b       .Lenter
        .cfi_endproc
        .size   run, . - run

        .globl  gyre__switch_prepare
        .hidden gyre__switch_prepare
        .type   gyre__switch_prepare, %function
        .p2align 4
gyre__switch_prepare:                   /* x0: top, x1: entry, x2: arg */
        .cfi_startproc
        sub     x0, x0, #160
        adr     x9, run
        stp     x1, x2, [x0, #0]
        stp     xzr, x9, [x0, #80]      /* x29 = 0: frame pointers end here too */
        ret
        .cfi_endproc
        .size   gyre__switch_prepare, . - gyre__switch_prepare

        .section .note.GNU-stack, "", %progbits
