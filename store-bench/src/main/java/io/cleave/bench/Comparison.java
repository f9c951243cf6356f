package io.cleave.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Measures the engines of a plan in turns, each in a process of its own, so that what disturbs the machine for a while
 * disturbs all of them.
 *
 * <p>Belongs to one thread, used once.
 */
final class Comparison {
    private final BenchPlan plan;
    private final ChildCommand command;
    private final ProgressLine progress;
    private final List<Measurement> measurements = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    Comparison(BenchPlan plan, ChildCommand command, ProgressLine progress) {
        this.plan = plan;
        this.command = command;
        this.progress = progress;
    }

    /** Runs everything; {@code afterEach} is called when a process has ended. */
    void run(Consumer<Comparison> afterEach) {
        for (int run = 1; run <= plan.runs(); run++) {
            for (EntryShape shape : plan.shapes()) {
                for (EngineKind engine : plan.engines()) {
                    String name = "cleave-bench-" + ProcessHandle.current().pid() + "-" + engine.label() + "-"
                            + shape.label() + "-" + run;
                    measure(new ChildTask(engine, shape, run, plan.directory().resolve(name)));
                    afterEach.accept(this);
                }
            }
        }
    }

    /** What was measured so far. */
    List<Measurement> measurements() {
        return List.copyOf(measurements);
    }

    /** What went wrong so far, a line each. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    private void measure(ChildTask task) {
        String name = task.name(plan);
        progress.start(name);
        ChildProcess process = new ChildProcess(command.words(plan, task), task.directory());
        List<Measurement> measured = new ArrayList<>();
        try {
            int code = process.run(new Collector(measured));
            measurements.addAll(measured);
            if (code != 0) {
                fail(name + ": exit code " + code, process.complaints());
            } else if (measured.isEmpty()) {
                fail(name + ": no result", process.complaints());
            }
        } catch (IOException e) {
            fail(name + ": " + e.getMessage(), process.complaints());
        }
    }

    private void fail(String failure, List<String> complaints) {
        failures.add(failure + (complaints.isEmpty() ? "" : ", " + complaints.get(complaints.size() - 1)));
        progress.tell("cleave: " + failure);
        complaints.forEach(line -> progress.tell("    " + line));
    }

    private final class Collector implements ChildProcess.Listener {
        private final List<Measurement> measured;

        Collector(List<Measurement> measured) {
            this.measured = measured;
        }

        @Override
        public void progress(String workload, long done, long total) {
            progress.progress(workload, done, total);
        }

        @Override
        public void result(Measurement measurement) {
            measured.add(measurement);
            progress.result(measurement);
        }
    }
}
