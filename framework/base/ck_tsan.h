/* base/ck_tsan.h - ck as ThreadSanitizer can see it.
 *
 * Only the tsan preset includes this file, ahead of every source, together with -DCK_USE_CC_BUILTINS=1. That
 * define alone leaves ck's loads and stores plain and its fetch-and-store a loop around a plain load, which
 * is reported as races that are none. Here they become the compiler's atomics. ck's compare-and-swap and
 * arithmetic are __sync builtins already, which the sanitizer knows.
 */
#ifndef GYRE__CK_TSAN_H
#define GYRE__CK_TSAN_H

#include <ck_pr.h>

/* The three operations on one kind of word. ck orders them by fences, which the sanitizer ignores, hence
 * acquire and release. */
#define GYRE__TSAN_WORD(kind, target, type)                              \
    static inline type gyre__tsan_load_##kind(const target *from)        \
    {                                                                    \
        return __atomic_load_n((type const *)from, __ATOMIC_ACQUIRE);    \
    }                                                                    \
    static inline void gyre__tsan_store_##kind(target *to, type value)   \
    {                                                                    \
        __atomic_store_n((type *)to, value, __ATOMIC_RELEASE);           \
    }                                                                    \
    static inline type gyre__tsan_fas_##kind(target *to, type value)     \
    {                                                                    \
        return __atomic_exchange_n((type *)to, value, __ATOMIC_ACQ_REL); \
    }

GYRE__TSAN_WORD(ptr, void, void *)
GYRE__TSAN_WORD(char, char, char)
GYRE__TSAN_WORD(int, int, int)
GYRE__TSAN_WORD(uint, unsigned int, unsigned int)
GYRE__TSAN_WORD(64, uint64_t, uint64_t)
GYRE__TSAN_WORD(32, uint32_t, uint32_t)
GYRE__TSAN_WORD(16, uint16_t, uint16_t)
GYRE__TSAN_WORD(8, uint8_t, uint8_t)

#define ck_pr_md_load_ptr   gyre__tsan_load_ptr
#define ck_pr_md_load_char  gyre__tsan_load_char
#define ck_pr_md_load_int   gyre__tsan_load_int
#define ck_pr_md_load_uint  gyre__tsan_load_uint
#define ck_pr_md_load_64    gyre__tsan_load_64
#define ck_pr_md_load_32    gyre__tsan_load_32
#define ck_pr_md_load_16    gyre__tsan_load_16
#define ck_pr_md_load_8     gyre__tsan_load_8

#define ck_pr_md_store_ptr  gyre__tsan_store_ptr
#define ck_pr_md_store_char gyre__tsan_store_char
#define ck_pr_md_store_int  gyre__tsan_store_int
#define ck_pr_md_store_uint gyre__tsan_store_uint
#define ck_pr_md_store_64   gyre__tsan_store_64
#define ck_pr_md_store_32   gyre__tsan_store_32
#define ck_pr_md_store_16   gyre__tsan_store_16
#define ck_pr_md_store_8    gyre__tsan_store_8

#define ck_pr_fas_ptr       gyre__tsan_fas_ptr
#define ck_pr_fas_char      gyre__tsan_fas_char
#define ck_pr_fas_int       gyre__tsan_fas_int
#define ck_pr_fas_uint      gyre__tsan_fas_uint
#define ck_pr_fas_64        gyre__tsan_fas_64
#define ck_pr_fas_32        gyre__tsan_fas_32
#define ck_pr_fas_16        gyre__tsan_fas_16
#define ck_pr_fas_8         gyre__tsan_fas_8

#endif
