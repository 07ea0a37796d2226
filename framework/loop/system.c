/* loop/system.c - which driver a kind is on this system. */
#include "loop/loop.h"

const struct gyre__driver_class *gyre__driver_find(gyre_driver_kind kind)
{
#if defined __linux__
    if (kind == GYRE_DRIVER_DEFAULT || kind == GYRE_DRIVER_EPOLL)
        return &gyre__epoll_driver;
#else
    if (kind == GYRE_DRIVER_DEFAULT)
        return &gyre__uv_driver;
#endif
    if (kind == GYRE_DRIVER_SIM)
        return &gyre__sim_driver;
    return kind == GYRE_DRIVER_UV ? &gyre__uv_driver : NULL;
}
