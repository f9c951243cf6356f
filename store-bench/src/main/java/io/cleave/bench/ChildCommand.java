package io.cleave.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** How a child process is started; tests start something else than {@code BenchProcess}. */
@FunctionalInterface
interface ChildCommand {
    /** The program and its arguments. */
    List<String> words(BenchPlan plan, ChildTask task);

    /** {@code BenchProcess} with the Java and the class path of this process. */
    static List<String> ofThisJava(BenchPlan plan, ChildTask task) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.add("-Xmx" + plan.heapMib() + "m");
        // RocksDB and LMDB are native code: newer Java versions warn of those that were not allowed.
        words.add("--enable-native-access=ALL-UNNAMED");
        if (task.engine() == EngineKind.LMDB) {
            // It reads and sets the address of direct buffers.
            words.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
            words.add("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
        }
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.cleave.bench.BenchProcess"));
        words.addAll(List.of("--engine", task.engine().label()));
        words.addAll(List.of("--shape", task.shape().label()));
        words.addAll(List.of(
                "--workloads", plan.workloads().stream().map(Workload::label).collect(Collectors.joining(","))));
        words.addAll(List.of("--entries", Long.toString(plan.entries())));
        words.addAll(List.of(
                "--threads", plan.threads().stream().map(String::valueOf).collect(Collectors.joining(","))));
        words.addAll(List.of("--run", Integer.toString(task.run())));
        words.addAll(List.of("--directory", task.directory().toString()));
        plan.memoryMib().ifPresent(mib -> words.addAll(List.of("--memory-mib", Integer.toString(mib))));
        return words;
    }
}
