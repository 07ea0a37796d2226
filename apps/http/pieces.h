/* http/pieces.h - the callbacks that llhttp gets from the parser. */
#ifndef HTTP__PIECES_H
#define HTTP__PIECES_H

#include "http/parser.h"

/* The callbacks; llhttp's `data` is the struct http_parser. */
extern const llhttp_settings_t http__pieces;

/* Ends the request with a status, and returns what a callback returns to stop llhttp. */
int http__parser_refuse(struct http_parser *parser, int status);

#endif
