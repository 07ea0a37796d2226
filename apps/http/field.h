/* http/field.h - header fields of an answer: what may stand in one (RFC 9110, section 5). */
#ifndef HTTP__FIELD_H
#define HTTP__FIELD_H

#include <stdbool.h>
#include <stddef.h>

/* May this be a field's value? Its length in *len: a value with line ends would break out of its line. */
bool http__field_value(const char *value, size_t *len);

/* May a handler set a field of this name? It is a token, and none of those that http_respond writes. */
bool http__field_name(const char *name);

#endif
