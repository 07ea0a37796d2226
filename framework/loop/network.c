/* loop/network.c - from the options of a loop in virtual time to the network beneath it. */
#include "driver/network.h"
#include "base/options.h"
#include "loop/loop.h"

void gyre__loop_set_network(gyre_loop *loop, const gyre_loop_options *options)
{
    static const double most_again = 0.9;
    gyre_loop_options filled = {0};

    if (!gyre__loop_is_virtual(loop))
        return;
    gyre__options_fill(&filled, sizeof filled, options);
    gyre__sim_set_network(loop->driver,
                          &(struct gyre__network){
                              .seed = filled.sim_seed,
                              .latency = gyre__nanoseconds(filled.sim_latency),
                              .jitter = gyre__nanoseconds(filled.sim_jitter),
                              .buffer = filled.sim_buffer,
                              .reset = filled.sim_reset,
                              .partial = filled.sim_partial,
                              .again = filled.sim_again < most_again ? filled.sim_again : most_again,
                              .loss = filled.sim_loss,
                              .duplicate = filled.sim_duplicate,
                              .reorder = filled.sim_reorder,
                              .trace = filled.sim_trace,
                              .trace_arg = filled.sim_trace_arg,
                          });
}
