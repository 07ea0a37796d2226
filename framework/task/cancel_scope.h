/* task/cancel_scope.h - what a task asks its cancel scopes at each wait. */
#ifndef GYRE__CANCEL_SCOPE_H
#define GYRE__CANCEL_SCOPE_H

#include <gyre/timeout.h>

/* True when one of the scopes from this one (there is at least one) outwards to the first shield is
 * cancelled. */
bool gyre__scope_chain_cancelled(const gyre_cancel_scope *scope);

/* The same for a scope that is NULL outside all scopes, as it mostly is. */
static inline bool gyre__scope_cancelled(const gyre_cancel_scope *scope)
{
    return __builtin_expect(scope != NULL, 0) && gyre__scope_chain_cancelled(scope);
}

#endif
