/* http/pieces.h - the callbacks that llhttp gets from the parser. */
#ifndef HTTP__PIECES_H
#define HTTP__PIECES_H

#include "http/parser.h"

/* The callbacks; llhttp's `data` is the struct http_parser. */
extern const llhttp_settings_t http__pieces;

#endif
