/* net/flow.c - the marks: pause_writing strictly over the high one, resume_writing at the low one, in pairs.
 *
 * Held back implies blocked: the kernel was asked before the buffer was compared.
 */
#include "net/transport.h"

void gyre__flow_grown(gyre_transport *transport)
{
    if (transport->held_back || transport->state != GYRE__OPEN ||
        gyre__transport_waiting(transport) <= transport->high)
        return;
    transport->held_back = true;
    gyre__upcall_pause(transport);
}

void gyre__flow_shrunk(gyre_transport *transport)
{
    if (!transport->held_back || transport->state >= GYRE__LOSING ||
        gyre__transport_waiting(transport) > transport->low)
        return;
    transport->held_back = false;
    gyre__upcall_resume(transport);
}

/* asyncio: high defaults to 4 x low, or to 64 KiB; low to high / 4. */
static void fill_in(ptrdiff_t *high, ptrdiff_t *low)
{
    if (*high == -1 && *low == -1)
        *high = 64 * 1024;
    else if (*high == -1)
        *high = *low > PTRDIFF_MAX / 4 ? PTRDIFF_MAX : 4 * *low;
    if (*low == -1)
        *low = *high / 4;
}

int gyre_transport_set_write_buffer_limits(gyre_transport *transport, ptrdiff_t high, ptrdiff_t low)
{
    if (high >= -1 && low >= -1)
        fill_in(&high, &low);
    if (low < 0 || high < low)
        return gyre_error_set(GYRE_EVALUE, "high (%td) must be >= low (%td) must be >= 0", high, low);
    transport->high = (size_t)high;
    transport->low = (size_t)low;
    gyre__transport_flush(transport);
    gyre__flow_grown(transport);
    return 0;
}

void gyre_transport_get_write_buffer_limits(const gyre_transport *transport, size_t *low, size_t *high)
{
    if (low)
        *low = transport->low;
    if (high)
        *high = transport->high;
}
