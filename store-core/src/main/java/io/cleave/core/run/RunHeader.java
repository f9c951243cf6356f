package io.cleave.core.run;

/** The first bytes of a run, decoded: which run it is and how it is written. */
record RunHeader(RunIdentity identity, RunOptions options) {}
