/* gyre/named.h - named arguments: f(object, arg, .name = value).
 *
 * Every function with options has a macro of its own name that builds the option struct in place; (f)(object,
 * arg, NULL), or the call from another language, reaches the function beneath. These two helpers split the
 * last fixed argument from the named ones.
 */
#ifndef GYRE_NAMED_H
#define GYRE_NAMED_H

#define GYRE__FIRST_(first, ...) first
#define GYRE__REST_(first, ...)  __VA_ARGS__
#define GYRE__FIRST(...)         GYRE__FIRST_(__VA_ARGS__, 0)
#define GYRE__REST(...)          GYRE__REST_(__VA_ARGS__, )

/* The options of type `type` for the named arguments that follow the first of `...`. */
#define GYRE__OPTIONS(type, ...) (&(type){.size = sizeof(type), GYRE__REST(__VA_ARGS__)})

/* A boolean option whose default is "yes" or is chosen by gyre: 0 is the default, these two say it. */
enum { GYRE_YES = 1, GYRE_NO = -1 };

#endif
