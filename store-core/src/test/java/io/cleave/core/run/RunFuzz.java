package io.cleave.core.run;

import static io.cleave.core.fuzz.FuzzVerdict.succeeds;
import static io.cleave.core.fuzz.FuzzVerdict.withinMemory;

import io.cleave.core.bytes.KeyHash;
import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.entry.Lookup;
import io.cleave.core.fuzz.FuzzInput;
import java.util.ArrayList;
import java.util.List;

/**
 * A run file whose bytes were changed and whose checksums were made to fit again: read in every way there is. A target of
 * docs/security.md.
 */
public final class RunFuzz {
    private static final int ENTRIES = 40;
    private static final int ENTRIES_READ_MAX = 1_000;

    private static final List<RunOptions> OPTIONS = RunFixture.allOptions(128);
    private static final byte[][] RUNS = runs();

    private RunFuzz() {}

    /** One case. */
    public static void fuzzerTestOneInput(byte[] bytes) {
        withinMemory(() -> check(bytes));
    }

    private static void check(byte[] bytes) {
        FuzzInput input = new FuzzInput(bytes);
        byte[] original = RUNS[input.choice(RUNS.length)];
        boolean sealed = input.choice(8) != 0;
        byte[] file = input.edit(original);
        if (sealed) {
            RunSeal.seal(file);
        }
        RunFixture fixture = new RunFixture();
        fixture.replace(file);
        succeeds(() -> {
            try (Run run = Run.openAny(fixture.storage, RunFixture.FILE)) {
                use(run);
            }
        });
        if (!fixture.storage.counters().nothingHeld()) {
            throw new AssertionError("left open: " + fixture.storage.counters());
        }
    }

    private static void use(Run run) {
        succeeds(() -> forward(run));
        succeeds(() -> backward(run));
        for (int i = 0; i < ENTRIES + 2; i++) {
            byte[] key = key(i);
            succeeds(() -> find(run, key));
            succeeds(() -> seek(run, key));
        }
        succeeds(() -> inspect(run));
        succeeds(run::verify);
    }

    private static void forward(Run run) {
        EntryCursor cursor = run.cursor();
        int count = 0;
        for (boolean on = cursor.first(); on && count++ < ENTRIES_READ_MAX; on = cursor.next()) {
            read(cursor);
        }
    }

    private static void backward(Run run) {
        EntryCursor cursor = run.cursor();
        int count = 0;
        for (boolean on = cursor.last(); on && count++ < ENTRIES_READ_MAX; on = cursor.previous()) {
            read(cursor);
        }
    }

    private static void find(Run run, byte[] key) {
        Lookup lookup = new Lookup();
        long hash = KeyHash.of(key, key.length);
        long prefix = KeyOrder.prefix(key, key.length);
        for (long sequence : new long[] {EntryLimits.SEQUENCE_MAX, 3}) {
            if (run.find(key, key.length, hash, prefix, sequence, lookup)) {
                lookup.copyValue(new byte[lookup.valueLength()], 0, lookup.valueLength());
            }
        }
    }

    private static void seek(Run run, byte[] key) {
        EntryCursor cursor = run.cursor();
        if (cursor.seek(key, key.length)) {
            read(cursor);
            if (cursor.previous()) {
                read(cursor);
            }
        }
    }

    /** Not {@link RunFixture.Entry#at}: that asks for order, which a forged run need not have. */
    private static void read(EntryCursor cursor) {
        byte[] value = new byte[cursor.valueLength()];
        cursor.copyValue(0, value, 0, value.length);
        if (cursor.keyLength() > cursor.key().length || cursor.sequence() < 0) {
            throw new AssertionError("key of " + cursor.keyLength() + " bytes, sequence " + cursor.sequence());
        }
    }

    private static void inspect(Run run) {
        RunInspector inspector = new RunInspector(run);
        inspector.header();
        inspector.properties();
        inspector.footer();
        for (int i = 0; i < Math.min(inspector.blocks(), ENTRIES_READ_MAX); i++) {
            inspector.block(i);
            inspector.entries(i);
        }
    }

    private static byte[] key(int i) {
        return RunFixture.bytes("top-secret-/key-%03d".formatted(i));
    }

    private static byte[][] runs() {
        byte[][] runs = new byte[OPTIONS.size()][];
        for (int i = 0; i < runs.length; i++) {
            RunFixture fixture = new RunFixture();
            fixture.write(OPTIONS.get(i), entries());
            runs[i] = fixture.contents();
        }
        return runs;
    }

    private static List<RunFixture.Entry> entries() {
        List<RunFixture.Entry> entries = new ArrayList<>();
        for (int i = 0; i < ENTRIES; i++) {
            String key = new String(key(i), java.nio.charset.StandardCharsets.UTF_8);
            if (i % 7 == 0) {
                entries.add(RunFixture.Entry.tombstone(key, 100 + i));
            }
            entries.add(RunFixture.Entry.put(key, 1 + i % 5, "v".repeat(i % 11) + i));
        }
        return entries;
    }
}
