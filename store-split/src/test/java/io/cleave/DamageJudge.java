package io.cleave;

import io.cleave.DamageSubject.Boot;
import io.cleave.DamageSubject.IndexKey;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.inspect.Finding;
import io.cleave.inspect.StoreVerification;
import io.cleave.inspect.Verdict;
import io.cleave.repair.LostRange;
import io.cleave.repair.RepairReport;
import io.cleave.repair.StoreRepair;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Damages copies of one store and judges what verification, opening, reading and repair say about them. Counts. Not
 * thread-safe.
 */
final class DamageJudge {
    /**
     * One damage.
     *
     * @param name what is done, for messages
     * @param damaged files and directories whose content is lost with it; empty where files only change places
     * @param named where exceptions have to point: one of these must begin the path they name
     * @param hidden files of which nothing tells that they were ever there: what they alone hold may be older without a word
     * @param damage does it
     */
    record Case(
            String name, List<Path> damaged, List<Path> named, List<Path> hidden, Consumer<SimulatedStorage> damage) {}

    private final DamageSubject subject;
    long cases;
    long refused;
    long unchanged;
    long tornTails;
    long repaired;
    long nothingToRepair;

    DamageJudge(DamageSubject subject) {
        this.subject = subject;
    }

    void judge(Case one, Boot boot) {
        cases++;
        try {
            SimulatedStorage damaged = subject.copy(boot);
            damage(damaged, one);
            damaged.kill();
            List<Finding> errors = errors(verify(damaged.kill()));
            Reading reading = new Reading(damaged.kill(), one.named());
            boolean asItWas = reading.failures == 0 && judgeReading(reading, one);
            require(asItWas || !errors.isEmpty(), "verification finds nothing");
            refused += reading.failures > 0 ? 1 : 0;
            unchanged += asItWas && !reading.lostTail ? 1 : 0;
            tornTails += asItWas && reading.lostTail ? 1 : 0;
            judgeRepair(damaged.kill(), one);
        } catch (RuntimeException | Error e) {
            throw new AssertionError(one.name() + ", boot " + boot + ": " + e, e);
        }
    }

    /** Does it, long ago: nothing of it is lost in a power cut that follows. */
    static void damage(SimulatedStorage storage, Case one) {
        one.damage().accept(storage);
        storage.forceDirectory(SimulatedStorage.DIRECTORY);
        storage.forceDirectory(DamageSubject.STORE);
        StoreDamageTest.directories(storage).forEach(storage::forceDirectory);
    }

    static Verdict verify(Storage storage) {
        return new StoreVerification(storage, DamageSubject.STORE, (done, total) -> {}).verify();
    }

    static StoreRepair repair(Storage storage) {
        return new StoreRepair(storage, DamageSubject.STORE, (done, total) -> {});
    }

    private static List<Finding> errors(Verdict verdict) {
        return verdict.findings().stream()
                .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                .toList();
    }

    /** True when what was read is what was written, or that without an unsynced end of the log. */
    private boolean judgeReading(Reading reading, Case one) {
        boolean same = reading.names.equals(new HashSet<>(DamageSubject.INDEXES));
        require(same, "indexes " + reading.names);
        requireNothingElse(reading);
        for (IndexKey key : subject.keys()) {
            byte[] expected = subject.model.get(key.indexId()).get(DamageSubject.bytes(key.key()));
            byte[] found = reading.scanned.get(key);
            boolean right = Arrays.equals(expected, found);
            boolean missing = !one.hidden().isEmpty() && !subject.isSafe(key, one.hidden());
            boolean older = (missing || subject.isOfTail(key)) && subject.hasEverHeld(key, found);
            require(right || older, "a wrong answer: " + key + " is " + DamageSubject.text(found));
            reading.lostTail |= !right;
        }
        return true;
    }

    /** A key that was never written is a wrong answer, too. */
    private void requireNothingElse(Reading reading) {
        Set<IndexKey> others = new HashSet<>(reading.scanned.keySet());
        others.removeAll(subject.keys());
        require(others.isEmpty(), "keys that were never written: " + others);
    }

    /** After a repair the store opens, nothing is found, and whatever an undamaged file holds is there. */
    void judgeRepair(SimulatedStorage storage, Case one) {
        String dry = cases % 4 == 0 ? repair(storage).dryRun().text() : null;
        require(dry == null || storage.operations() == 0, "the dry run changed something");
        long before = storage.operations();
        RepairReport report = repair(storage).repair();
        boolean same = dry == null || dry.equals(report.text());
        require(same, "the dry run said: " + dry + " the repair: " + report.text());
        require(report.nothingToDo() == (storage.operations() == before), "nothing to do, but done");
        if (report.nothingToDo()) {
            nothingToRepair++;
        } else {
            repaired++;
            Path written = report.setAside().resolve(RepairReport.FILE_NAME);
            byte[] text = storage.readAll(written, Integer.MAX_VALUE);
            require(report.text().equals(DamageSubject.text(text)), "another report on the disk");
        }
        storage.kill();
        judgeRepaired(storage.kill(), one, report, report.lost());
    }

    /** Judges by the last report; ranges of keys that an earlier one, cut short, has called lost are still lost. */
    void judgeRepaired(SimulatedStorage storage, Case one, RepairReport report, List<LostRange> lost) {
        List<Finding> left = verify(storage).findings();
        require(left.isEmpty(), "after the repair verification finds " + left + "\n" + report.text());
        Reading reading = new Reading(storage, List.of());
        require(reading.failures == 0, "after the repair: " + reading.first + "\n" + report.text());
        requireNothingElse(reading);
        for (IndexKey key : subject.keys()) {
            byte[] expected = subject.model.get(key.indexId()).get(DamageSubject.bytes(key.key()));
            byte[] found = reading.scanned.get(key);
            boolean right = Arrays.equals(expected, found);
            boolean wrong = subject.isSafe(key, one.damaged()) ? !right : !right && !subject.hasEverHeld(key, found);
            require(
                    !wrong,
                    "after the repair " + key + " is " + DamageSubject.text(found) + ", expected "
                            + DamageSubject.text(expected) + "\n" + report.text());
            require(
                    right || isLostWithoutAWord(key, one) || isCalledLost(key, lost),
                    "after the repair " + key + " is " + DamageSubject.text(found) + ", expected "
                            + DamageSubject.text(expected) + ", and the report does not say so\n" + report.text());
        }
    }

    private boolean isLostWithoutAWord(IndexKey key, Case one) {
        return subject.isOfTail(key) || (!one.hidden().isEmpty() && !subject.isSafe(key, one.hidden()));
    }

    private static boolean isCalledLost(IndexKey key, List<LostRange> lost) {
        byte[] bytes = DamageSubject.bytes(key.key());
        return lost.stream().anyMatch(range -> range.indexId() == key.indexId() && range.contains(bytes));
    }

    static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** Everything that can be read of a store by scans and by single gets; the two must not contradict each other. */
    private static final class Reading {
        final Map<IndexKey, byte[]> scanned = new HashMap<>();
        final Set<String> names = new HashSet<>();
        final List<Path> named;
        int failures;
        StoreException first;
        boolean lostTail;

        Reading(Storage storage, List<Path> named) {
            this.named = named;
            try (SegmentStore store = SegmentStore.open(
                    DamageSubject.STORE, DamageSubject.options(storage).build())) {
                for (String name : store.indexNames()) {
                    names.add(name);
                    read(store.index(name), idOf(name));
                }
            } catch (StoreException e) {
                failed(e);
            }
        }

        private static int idOf(String name) {
            int id = DamageSubject.INDEXES.indexOf(name) + 1;
            return id > 0 ? id : Integer.parseInt(name.replaceAll("\\D", ""));
        }

        private void read(SegmentIndex index, int id) {
            int before = failures;
            try {
                StoreHistory.scanByCursor(index)
                        .forEach((key, value) -> scanned.put(new IndexKey(id, DamageSubject.text(key)), value));
            } catch (StoreException e) {
                failed(e);
            }
            boolean whole = failures == before;
            for (int i = 0; i < 101; i++) {
                String key = i < 100 ? "key-%04d".formatted(i) : "only";
                try {
                    byte[] value = index.get(DamageSubject.bytes(key));
                    byte[] other = scanned.get(new IndexKey(id, key));
                    require(!whole || Arrays.equals(value, other), "get and scan differ at " + key);
                } catch (StoreException e) {
                    failed(e);
                }
            }
        }

        private void failed(StoreException failure) {
            failures++;
            first = first == null ? failure : first;
            String message = failure.getMessage();
            boolean told = named.isEmpty() || named.stream().anyMatch(path -> message.contains(path.toString()));
            // A log that is cut at its start looks like one that ends earlier; a segment that holds more than that says
            // so.
            boolean logTold = message.contains("the log's last")
                    && named.stream().anyMatch(path -> path.toString().contains("/log"));
            require(told || logTold, "the exception does not name " + named + ": " + failure);
            if (failure instanceof StoreException.Corrupt corrupt) {
                require(corrupt.offset() >= 0 && message.contains("at offset " + corrupt.offset()), message);
            }
        }
    }
}
