/* base/symbol.h - the names of functions, for reports.
 *
 * A program's own functions are mostly static, which the dynamic symbols do not show: on Linux the symbol
 * table of the file itself is read, once for each file, when the first name of it is wanted.
 */
#ifndef GYRE__SYMBOL_H
#define GYRE__SYMBOL_H

#include <stddef.h>
#include <stdint.h>

/* The name of the function at the address: "serve", "serve+0x1f" inside it; where the file was stripped
 * "program+0x1234". Cut to `size`. [any thread] */
void gyre__symbol(uintptr_t address, char *name, size_t size);

/* Who called: the addresses to return to, innermost first, this function's caller being the first. Returns
 * how many, 0 where the system cannot tell. The first call in a process may allocate, none after it does:
 * gyre__backtrace_prepare makes it, and later ones may come from signal handlers. */
size_t gyre__backtrace(uintptr_t *addresses, size_t most);
void gyre__backtrace_prepare(void);

/* Names of such addresses, "f < g < main", at most `most` after those functions of gyre's public or internal
 * names that come first. */
void gyre__backtrace_words(const uintptr_t *addresses, size_t count, size_t most, char *words, size_t size);

#endif
