package io.cleave.bench;

import java.nio.file.Path;

/**
 * What one child process measures.
 *
 * @param run from 1
 * @param directory its own; it is absent before and deleted afterwards
 */
record ChildTask(EngineKind engine, EntryShape shape, int run, Path directory) {
    /** For messages. */
    String name(BenchPlan plan) {
        return "run " + run + "/" + plan.runs() + " " + shape.label() + " " + engine.label();
    }
}
