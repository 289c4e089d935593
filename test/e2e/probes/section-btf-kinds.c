#include "probe.h"

#define ONE(section, name) SEC(section) int name(void *ctx) { return 0; }
ONE("fentry/do_nanosleep", of_fentry) ONE("fexit/do_nanosleep", of_fexit) ONE("fmod_ret/do_nanosleep", of_fmod)
ONE("fentry.s/do_nanosleep", of_fentry_sleepable) ONE("lsm/file_open", of_lsm) ONE("lsm.s/file_open", of_lsm_sleepable)
ONE("tp_btf/sched_switch", of_tp_btf) ONE("iter/task", of_iterator) ONE("iter.s/task", of_iterator_sleepable)
