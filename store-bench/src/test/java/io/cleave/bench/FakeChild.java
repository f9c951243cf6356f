package io.cleave.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Stands for a process that measures: reports made-up figures, leaves a file behind, fails when it is told to. */
final class FakeChild {
    private FakeChild() {}

    /** The engine, the run, the directory, and the engine that is to fail. */
    public static void main(String[] arguments) throws Exception {
        EngineKind engine = EngineKind.of(arguments[0]);
        int run = Integer.parseInt(arguments[1]);
        Files.writeString(Path.of(arguments[2], "data"), "left behind");
        System.out.println("progress scan 1 2");
        System.out.println("not a report");
        System.out.println("result engine=nonsense");
        System.out.println("result "
                + Samples.of(engine, Workload.SCAN, run, Samples.rank(engine) * 1_000)
                        .line());
        if (arguments[0].equals(arguments[3])) {
            for (int line = 0; line < 100; line++) {
                System.err.println("complaint " + line);
            }
            System.exit(1);
        }
    }

    /** How it is started. */
    static ChildCommand command(String failing) {
        return (plan, task) -> {
            List<String> words = new ArrayList<>();
            words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            words.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx64m"));
            words.addAll(List.of("-cp", System.getProperty("java.class.path"), FakeChild.class.getName()));
            words.addAll(List.of(
                    task.engine().label(),
                    Integer.toString(task.run()),
                    task.directory().toString(),
                    failing));
            return words;
        };
    }
}
