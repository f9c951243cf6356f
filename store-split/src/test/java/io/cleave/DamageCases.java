package io.cleave;

import io.cleave.DamageJudge.Case;
import io.cleave.DamageSubject.Boot;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Damage to whole files and directories: missing, swapped, renamed, doubled, with something behind their end, of another kind. */
final class DamageCases {
    private static final Path STORE = DamageSubject.STORE;
    private static final List<Path> ANYWHERE = List.of(STORE);

    private final List<Case> cases = new ArrayList<>();
    private final SimulatedStorage sample;

    private DamageCases(DamageSubject subject) {
        this.sample = subject.copy(Boot.SAME);
    }

    static List<Case> of(DamageSubject subject) {
        DamageCases all = new DamageCases(subject);
        List<Path> files = new ArrayList<>(subject.files().keySet());
        List<Path> directories = StoreDamageTest.directories(all.sample);
        for (Path file : files) {
            all.change(file);
            for (Path other : files) {
                if (file.compareTo(other) < 0 && kind(file).equals(kind(other))) {
                    all.swap(file, other);
                }
            }
        }
        for (Path directory : directories) {
            all.missing(directory);
            all.rename(directory, directory.resolveSibling("unknown"));
            all.copy(directory, directory.resolveSibling("copied"));
            if (!directory.endsWith("log")) {
                all.rename(directory, directory.resolveSibling(directory.getFileName() + "0"));
                all.copy(directory, directory.resolveSibling(prefix(directory) + "00777"));
                all.copy(directory, directory.resolveSibling(prefix(directory) + "00002"));
            }
            for (Path other : directories) {
                if (directory.compareTo(other) < 0 && prefix(directory).equals(prefix(other))) {
                    all.swap(directory, other);
                }
            }
        }
        return all.cases;
    }

    private static String kind(Path file) {
        String name = file.getFileName().toString();
        return name.replaceAll("[0-9]", "");
    }

    private static String prefix(Path directory) {
        return directory.getFileName().toString().replaceAll("[0-9]", "");
    }

    private void change(Path file) {
        byte[] content = sample.readAll(file, Integer.MAX_VALUE);
        for (int more : new int[] {1, 8, 4096}) {
            byte[] longer = Arrays.copyOf(content, content.length + more);
            Arrays.fill(longer, content.length, longer.length, (byte) more);
            add(file + " with garbage behind it", List.of(file), storage -> DamageSubject.write(storage, file, longer));
        }
        byte[] twice = Arrays.copyOf(content, 2 * content.length);
        System.arraycopy(content, 0, twice, content.length, content.length);
        add(file + " twice in one", List.of(file), storage -> DamageSubject.write(storage, file, twice));
        missing(file);
        add(file + " as a directory", List.of(file), hidden(file), storage -> {
            storage.delete(file);
            storage.createDirectory(file);
        });
        rename(file, file.resolveSibling("unknown"));
        rename(file, file.resolveSibling(file.getFileName() + "0"));
        if (kind(file).equals("run-.run")) {
            rename(file, file.resolveSibling("run-000777.run"));
            rename(file, file.getParent().getParent().resolve(file.getFileName()));
            add(file + " copied", List.of(), storage -> {
                DamageSubject.write(storage, file.resolveSibling("run-000777.run"), content);
            });
        }
        if (kind(file).equals("log-")) {
            rename(file, file.resolveSibling("log-00000777"));
        }
    }

    private void missing(Path path) {
        add(path + " missing", List.of(path), hidden(path), storage -> {
            if (storage.kind(path) == Storage.PathKind.DIRECTORY) {
                DamageSubject.below(storage, path).forEach(storage::delete);
            }
            storage.delete(path);
        });
    }

    private void rename(Path from, Path to) {
        add(from + " renamed to " + to, List.of(), hidden(from), storage -> rename(storage, from, to));
    }

    private static void rename(SimulatedStorage storage, Path from, Path to) {
        storage.rename(from, to);
        storage.forceDirectory(from.getParent());
        storage.forceDirectory(to.getParent());
    }

    /**
     * The oldest log file might have been released, and without the newest one the log is what it was before that was started. That
     * much of the log can vanish without a trace as long as no segment has flushed what it held.
     */
    private static List<Path> hidden(Path path) {
        return path.getParent().endsWith("log") ? List.of(path) : List.of();
    }

    private void swap(Path a, Path b) {
        add(a + " swapped with " + b, List.of(), storage -> {
            Path aside = a.resolveSibling("aside");
            rename(storage, a, aside);
            rename(storage, b, a);
            rename(storage, aside, b);
        });
    }

    private void copy(Path from, Path to) {
        if (sample.kind(to) == Storage.PathKind.ABSENT) {
            add(from + " copied to " + to, List.of(), storage -> copyTree(storage, from, to));
        }
    }

    private static void copyTree(Storage storage, Path from, Path to) {
        storage.createDirectory(to);
        for (String name : storage.list(from)) {
            Path path = from.resolve(name);
            if (storage.kind(path) == Storage.PathKind.DIRECTORY) {
                copyTree(storage, path, to.resolve(name));
            } else {
                DamageSubject.write(storage, to.resolve(name), storage.readAll(path, Integer.MAX_VALUE));
            }
        }
    }

    private void add(String name, List<Path> damaged, Consumer<SimulatedStorage> damage) {
        add(name, damaged, List.of(), damage);
    }

    private void add(String name, List<Path> damaged, List<Path> hidden, Consumer<SimulatedStorage> damage) {
        cases.add(new Case(name, damaged, ANYWHERE, hidden, damage));
    }
}
