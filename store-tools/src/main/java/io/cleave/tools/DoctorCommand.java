package io.cleave.tools;

import io.cleave.core.storage.Mapper;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.error.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code cleave doctor}. */
@Command(
        name = "doctor",
        description =
                "Show what this machine gives to a store: Java, memory, limits, file system, room, the time of a sync."
                        + " Exit code 1 when something is too small for a store with default options.")
final class DoctorCommand implements Callable<Integer> {
    private static final int SYNCS = 20;
    private static final int SYNC_BYTES = 4096;
    private static final int PROC_BYTES_MAX = 64 << 10;
    private static final long OPEN_FILES_MIN = 1024;
    private static final long MAPPINGS_MIN = 16_384;
    private static final long ROOM_BYTES_MIN = 1L << 30;

    @ParentCommand
    private Cleave cleave;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "DIR",
            defaultValue = ".",
            description = "A directory on the file system in question; a file is made in it and deleted.")
    private Path directory;

    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    /** A fact and what to say of it, empty when it is fine. */
    private record Fact(String name, Object value, String complaint) {}

    private final List<Fact> facts = new ArrayList<>();

    @Override
    public Integer call() {
        Path absolute = directory.toAbsolutePath().normalize();
        if (!Files.isDirectory(absolute)) {
            throw new CommandException(absolute + " is not a directory");
        }
        Storage storage = RealStorage.open();
        java();
        machine();
        files(storage, absolute);
        boolean fine = facts.stream().allMatch(fact -> fact.complaint().isEmpty());
        if (json) {
            Json text = new Json().object();
            for (Fact fact : facts) {
                text.field(fact.name(), fact.value());
            }
            text.name("complaints").array();
            facts.stream()
                    .filter(fact -> !fact.complaint().isEmpty())
                    .forEach(fact -> text.value(fact.name() + ": " + fact.complaint()));
            cleave.terminal().out().println(text.endArray().endObject());
        } else {
            for (Fact fact : facts) {
                String complaint = fact.complaint().isEmpty() ? "" : "   <-- " + fact.complaint();
                cleave.terminal()
                        .out()
                        .println(String.format(Locale.ROOT, "%-22s %s%s", fact.name(), fact.value(), complaint));
            }
        }
        return fine ? Cleave.OK : Cleave.FAILED;
    }

    private void java() {
        fact("java", Runtime.version() + " (" + System.getProperty("java.vm.name") + ")");
        fact("javaHome", System.getProperty("java.home"));
        fact("heapBytesMax", Runtime.getRuntime().maxMemory());
        fact("processors", Runtime.getRuntime().availableProcessors());
        fact("mapperJdk", "usable");
        fact("mapperChronicle", chronicle());
    }

    private static String chronicle() {
        try {
            Mapper.CHRONICLE.requireUsable();
            return "usable";
        } catch (StoreException e) {
            return e.getMessage();
        }
    }

    private void machine() {
        fact(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        number("pageBytes", field("/proc/self/smaps", "KernelPageSize:\\s+(\\d+) kB"), 1024, 0);
        number("openFilesMax", field("/proc/self/limits", "Max open files\\s+(\\d+|unlimited)"), 1, OPEN_FILES_MIN);
        number("mappingsMax", field("/proc/sys/vm/max_map_count", "(\\d+)"), 1, MAPPINGS_MIN);
        number("memoryBytes", field("/proc/meminfo", "MemTotal:\\s+(\\d+) kB"), 1024, 0);
        number("memoryFreeBytes", field("/proc/meminfo", "MemAvailable:\\s+(\\d+) kB"), 1024, 0);
    }

    private void files(Storage storage, Path absolute) {
        fact("directory", absolute.toString());
        String type = storage.fileSystemType(absolute);
        boolean isNetwork = type.startsWith("nfs") || type.equals("cifs") || type.equals("smb3") || type.equals("9p");
        facts.add(new Fact(
                "fileSystem",
                type,
                isNetwork ? "locks and syncs of network file systems are not to be relied on" : ""));
        long room = storage.usableBytes(absolute);
        facts.add(new Fact(
                "freeBytes", room, room < ROOM_BYTES_MIN ? "expected at least " + Figures.bytes(ROOM_BYTES_MIN) : ""));
        long[] nanos = syncNanos(storage, absolute);
        fact("syncMicrosMedian", TimeUnit.NANOSECONDS.toMicros(nanos[nanos.length / 2]));
        fact("syncMicrosMax", TimeUnit.NANOSECONDS.toMicros(nanos[nanos.length - 1]));
    }

    /** Times of appending a page and forcing it, in rising order. */
    private static long[] syncNanos(Storage storage, Path directory) {
        Path file =
                directory.resolve(".cleave-doctor-" + ProcessHandle.current().pid());
        long[] nanos = new long[SYNCS];
        byte[] page = new byte[SYNC_BYTES];
        try (StorageFile open = storage.create(file)) {
            for (int i = 0; i < SYNCS; i++) {
                long start = System.nanoTime();
                open.append(page, 0, page.length);
                open.force();
                nanos[i] = System.nanoTime() - start;
            }
        } finally {
            storage.delete(file);
        }
        Arrays.sort(nanos);
        return nanos;
    }

    private void fact(String name, Object value) {
        facts.add(new Fact(name, value, ""));
    }

    private void number(String name, String text, long unit, long least) {
        if (text == null) {
            fact(name, "unknown");
        } else if (text.equals("unlimited")) {
            fact(name, text);
        } else {
            long value = Long.parseLong(text) * unit;
            facts.add(new Fact(name, value, value < least ? "expected at least " + least : ""));
        }
    }

    /** What the first group of a pattern finds in a file of the system, null when there is no such thing. */
    private static String field(String file, String pattern) {
        try {
            Matcher matcher = Pattern.compile(pattern).matcher(text(file));
            return matcher.find() ? matcher.group(1) : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** The beginning of a file of the system, in as few reads as can be: some of them answer the first one only. */
    private static String text(String file) throws IOException {
        byte[] buffer = new byte[PROC_BYTES_MAX];
        int length = 0;
        try (InputStream input = Files.newInputStream(Path.of(file))) {
            for (int read = 0; read >= 0 && length < buffer.length; length += Math.max(0, read)) {
                read = input.read(buffer, length, buffer.length - length);
            }
        }
        return new String(buffer, 0, length, StandardCharsets.US_ASCII);
    }
}
