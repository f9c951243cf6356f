package io.cleave.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where figures come from. Whatever the system does not tell is "unknown" or 0.
 *
 * @param processor the model
 * @param processors how many of them Java sees
 * @param memoryBytes of the machine
 * @param fileSystem its type, such as ext4
 * @param java version and name of the virtual machine
 * @param kernel name and version of the system
 */
record Machine(String processor, int processors, long memoryBytes, String fileSystem, String java, String kernel) {
    /** This one; the file system is that of {@code directory}. */
    static Machine ofProcess(Path directory) {
        return new Machine(
                found("/proc/cpuinfo", "model name\\s*:\\s*(.+)", System.getProperty("os.arch")),
                Runtime.getRuntime().availableProcessors(),
                1024 * Long.parseLong(found("/proc/meminfo", "MemTotal:\\s+(\\d+) kB", "0")),
                fileSystem(directory),
                Runtime.version() + ", " + System.getProperty("java.vm.name"),
                System.getProperty("os.name") + " " + System.getProperty("os.version"));
    }

    /** One line. */
    String text() {
        List<String> words = new ArrayList<>();
        words.add(processor);
        words.add(processors == 1 ? "1 core" : processors + " cores");
        words.add(String.format(Locale.ROOT, "%.1f GiB", memoryBytes / (double) (1 << 30)));
        words.add(fileSystem);
        words.add("Java " + java.split("[+,]", 2)[0]);
        words.add(kernel);
        return String.join(", ", words);
    }

    private static String fileSystem(Path directory) {
        try {
            return Files.getFileStore(directory).type();
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String found(String file, String pattern, String otherwise) {
        try {
            Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(Path.of(file), StandardCharsets.UTF_8));
            return matcher.find() ? matcher.group(1).strip() : otherwise;
        } catch (IOException e) {
            return otherwise;
        }
    }
}
