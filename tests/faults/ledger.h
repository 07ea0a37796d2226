/* ledger.h - how many faults there were, on the console and in the file that GYRE_FAULTS_LOG names. */
#ifndef GYRE_TESTS_FAULT_LEDGER_H
#define GYRE_TESTS_FAULT_LEDGER_H

/* One line: "SCENARIOS RUNS FAULTS". */
void fault_log(unsigned long scenarios, unsigned long runs, unsigned long faults);

#endif
