package io.cleave.tools;

import io.cleave.StoreOptions;
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
                "Show what this machine gives to a store: Java, memory, limits, file system, room, the time of a sync,"
                        + " and a verdict."
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

    /**
     * Something that was found.
     *
     * @param name in JSON, with the unit
     * @param value in JSON
     * @param label for people
     * @param shown for people, with the unit
     * @param complaint what is wrong with it and what to do, empty when it is fine
     */
    private record Fact(String name, Object value, String label, String shown, String complaint) {
        /** One of which nothing is expected. */
        Fact(String name, Object value, String label, String shown) {
            this(name, value, label, shown, "");
        }
    }

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
        long complaints =
                facts.stream().filter(fact -> !fact.complaint().isEmpty()).count();
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
                        .println(String.format(
                                Locale.ROOT, "%-18s %s%s", fact.label(), PrintableText.of(fact.shown()), complaint));
            }
            cleave.terminal()
                    .out()
                    .println(
                            complaints == 0
                                    ? "fit for a store with default options"
                                    : "NOT FIT for a store with default options: "
                                            + Figures.plural(complaints, "complaint") + ", see the arrows");
        }
        return complaints == 0 ? Cleave.OK : Cleave.FAILED;
    }

    private void java() {
        String version = Runtime.version() + " (" + System.getProperty("java.vm.name") + ")";
        facts.add(new Fact("java", version, "Java", version));
        String home = System.getProperty("java.home");
        facts.add(new Fact("javaHome", home, "its home", home));
        long heap = Runtime.getRuntime().maxMemory();
        StoreOptions options = StoreOptions.defaults();
        long longest = Math.min(options.valueBytesMax(), options.memtableBytesMax() / 4);
        String forStore = " at most: memtables " + Figures.bytes(options.memtableBytesMax()) + ", a value up to "
                + Figures.bytes(longest) + " by default";
        facts.add(new Fact("heapBytesMax", heap, "heap", Figures.bytes(heap) + forStore));
        int processors = Runtime.getRuntime().availableProcessors();
        facts.add(new Fact("processors", processors, "processors", Figures.count(processors)));
        facts.add(new Fact("mapperJdk", "usable", "mapper JDK", "usable"));
        String chronicle = chronicle();
        facts.add(new Fact("mapperChronicle", chronicle, "mapper CHRONICLE", chronicle));
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
        String system = System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch");
        facts.add(new Fact("system", system, "system", system));
        bytes("pageBytes", "page", field("/proc/self/smaps", "KernelPageSize:\\s+(\\d+) kB"));
        count(
                "openFilesMax",
                "open files",
                field("/proc/self/limits", "Max open files\\s+(\\d+|unlimited)"),
                OPEN_FILES_MIN,
                "ulimit -n");
        count(
                "mappingsMax",
                "mappings",
                field("/proc/sys/vm/max_map_count", "(\\d+)"),
                MAPPINGS_MIN,
                "sysctl vm.max_map_count");
        bytes("memoryBytes", "memory", field("/proc/meminfo", "MemTotal:\\s+(\\d+) kB"));
        bytes("memoryFreeBytes", "memory to be had", field("/proc/meminfo", "MemAvailable:\\s+(\\d+) kB"));
    }

    private void files(Storage storage, Path absolute) {
        facts.add(new Fact("directory", absolute.toString(), "directory", absolute.toString()));
        String type = storage.fileSystemType(absolute);
        boolean isNetwork = type.startsWith("nfs") || type.equals("cifs") || type.equals("smb3") || type.equals("9p");
        facts.add(new Fact(
                "fileSystem",
                type,
                "file system",
                type,
                isNetwork ? "locks and syncs of network file systems are not to be relied on" : ""));
        long room = storage.usableBytes(absolute);
        facts.add(new Fact(
                "freeBytes",
                room,
                "room",
                Figures.bytes(room),
                room < ROOM_BYTES_MIN ? "expected at least " + Figures.bytes(ROOM_BYTES_MIN) : ""));
        long[] nanos = syncNanos(storage, absolute);
        long median = TimeUnit.NANOSECONDS.toMicros(nanos[nanos.length / 2]);
        long longest = TimeUnit.NANOSECONDS.toMicros(nanos[nanos.length - 1]);
        facts.add(new Fact("syncMicrosMedian", median, "sync, median", millis(median)));
        facts.add(new Fact("syncMicrosMax", longest, "sync, longest", millis(longest) + " of " + SYNCS));
    }

    private static String millis(long micros) {
        return String.format(Locale.ROOT, "%.3f ms", micros / 1e3);
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

    /** What {@code kibibytes} says, null when nobody knows. */
    private void bytes(String name, String label, String kibibytes) {
        if (kibibytes == null) {
            facts.add(new Fact(name, "unknown", label, "unknown"));
        } else {
            long value = Long.parseLong(kibibytes) * 1024;
            facts.add(new Fact(name, value, label, Figures.bytes(value)));
        }
    }

    /** What {@code text} says, null when nobody knows; {@code remedy} raises it. */
    private void count(String name, String label, String text, long least, String remedy) {
        if (text == null || text.equals("unlimited")) {
            String shown = text == null ? "unknown" : text;
            facts.add(new Fact(name, shown, label, shown));
        } else {
            long value = Long.parseLong(text);
            String complaint = value < least ? "expected at least " + Figures.count(least) + ": raise " + remedy : "";
            facts.add(new Fact(name, value, label, Figures.count(value) + " at most", complaint));
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
