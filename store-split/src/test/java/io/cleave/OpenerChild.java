package io.cleave;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;

/**
 * Another process that opens stores, told what to do by its parent: {@code open DIRECTORY}, {@code put INDEX FROM TO} with
 * durability {@code DEVICE}, {@code close}. It answers each with a line: {@code done}, or the simple name of what was thrown.
 */
final class OpenerChild implements AutoCloseable {
    private final Process process;
    private final PrintStream questions;
    private final BufferedReader answers;

    OpenerChild() throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-ea",
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        OpenerChild.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        questions = new PrintStream(process.getOutputStream(), true, UTF_8);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    }

    /** What it says to a question. */
    String ask(Object... question) throws IOException {
        StringBuilder line = new StringBuilder();
        for (Object word : question) {
            line.append(word).append('\t');
        }
        questions.println(line);
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the other process ended");
        }
        return answer;
    }

    @Override
    public void close() {
        questions.close();
        process.destroy();
    }

    /** Options of both processes: no background work, so that nothing happens but what is asked for. */
    static StoreOptions options() {
        return StoreOptions.builder()
                .memtableBytesMax(1 << 20)
                .logFileBytes(64 << 10)
                .maintenanceThreads(0)
                .waitMillisMax(50)
                .build();
    }

    static byte[] bytes(Object value) {
        return String.valueOf(value).getBytes(UTF_8);
    }

    public static void main(String[] arguments) throws IOException {
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        SegmentStore store = null;
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            String[] words = line.split("\t");
            try {
                switch (words[0]) {
                    case "open" -> store = SegmentStore.open(Path.of(words[1]), options());
                    case "put" -> put(store.index(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]));
                    case "close" -> store.close();
                    default -> throw new IllegalArgumentException(words[0]);
                }
                System.out.println("done");
            } catch (RuntimeException e) {
                System.out.println(e.getClass().getSimpleName());
            }
        }
    }

    /** Writes entries one by one, each durable before the next. */
    static void put(SegmentIndex index, int from, int to) {
        for (int i = from; i < to; i++) {
            index.put(bytes(i), bytes("value " + i), Durability.DEVICE);
        }
    }
}
