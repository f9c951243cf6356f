package io.cleave.log;

import static io.cleave.core.fuzz.FuzzVerdict.succeeds;
import static io.cleave.core.fuzz.FuzzVerdict.withinMemory;

import io.cleave.core.fuzz.FuzzInput;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.core.storage.StoreIdentity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * A log of several files, some of whose bytes were changed and whose checksums were made to fit again: recovered, appended
 * to, recovered again, inspected. A target of docs/security.md.
 */
public final class LogFuzz {
    private static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("log");
    private static final StoreIdentity STORE = new StoreIdentity(0x0123_4567_89AB_CDEFL, 0x1122_3344_5566_7788L);
    private static final LogOptions OPTIONS = new LogOptions(LogOptions.FILE_BYTES_MIN);
    private static final int RECORDS = 60;

    private static final Map<String, byte[]> CLOSED = logFiles(Ending.CLOSED);
    private static final Map<String, byte[]> KILLED = logFiles(Ending.KILLED);

    private LogFuzz() {}

    private enum Ending {
        CLOSED,
        KILLED
    }

    /** One case. */
    public static void fuzzerTestOneInput(byte[] bytes) {
        withinMemory(() -> check(bytes));
    }

    private static void check(byte[] bytes) {
        FuzzInput input = new FuzzInput(bytes);
        Map<String, byte[]> files = new TreeMap<>(input.choice(2) == 0 ? KILLED : CLOSED);
        boolean sealed = input.choice(8) != 0;
        boolean sameBoot = input.choice(2) == 0;
        String[] names = files.keySet().toArray(String[]::new);
        for (int i = 0; i < 4 && !input.isEmpty(); i++) {
            String name = names[input.choice(names.length)];
            byte[] edited = input.editOnce(files.get(name));
            files.put(name, edited);
        }
        SimulatedStorage storage = new SimulatedStorage(1);
        storage.createDirectory(DIRECTORY);
        files.forEach((name, content) -> {
            if (sealed) {
                LogSeal.seal(content);
            }
            write(storage, DIRECTORY.resolve(name), content);
        });
        SimulatedStorage booted = sameBoot ? storage : storage.crash(1);
        use(booted);
        if (!booted.counters().nothingHeld()) {
            throw new AssertionError("left open: " + booted.counters());
        }
    }

    private static void use(SimulatedStorage storage) {
        succeeds(() -> LogInspection.verify(storage, DIRECTORY, STORE));
        succeeds(() -> {
            for (LogFileInfo file : LogInspection.files(storage, DIRECTORY)) {
                succeeds(() -> LogInspection.records(storage, file, LogFuzz::decode));
            }
        });
        if (succeeds(() -> openAppendClose(storage))) {
            openAppendClose(storage);
        }
    }

    private static void openAppendClose(Storage storage) {
        try (WriteAheadLog log = WriteAheadLog.open(storage, DIRECTORY, STORE, OPTIONS, LogFuzz::decode)) {
            long sequence = log.lastSequence() + 1;
            if (sequence < 1L << 55) {
                log.sync(append(log, sequence));
            }
        }
    }

    private static void decode(LogRecord record) {
        OperationsDecoder operations = record.decoder();
        while (record.kind() == LogRecordKind.DATA && operations.next()) {
            if (operations.key().length == 0 || operations.value().length > OPTIONS.fileBytes() * 20) {
                throw new AssertionError("an operation that nobody can have written");
            }
        }
    }

    private static long append(WriteAheadLog log, long sequence) {
        OperationsEncoder body = new OperationsEncoder();
        byte[] key = "top-secret-%05d".formatted(sequence % 1000).getBytes(StandardCharsets.UTF_8);
        body.put(1, key, new byte[(int) (sequence % 7) * 30]);
        return log.append(sequence, 1, body.array(), body.length());
    }

    private static void write(Storage storage, Path path, byte[] content) {
        try (StorageFile file = storage.create(path)) {
            file.append(content, 0, content.length);
            file.force();
        }
        storage.forceDirectory(DIRECTORY);
        storage.forceDirectory(DIRECTORY.getParent());
    }

    private static Map<String, byte[]> logFiles(Ending ending) {
        SimulatedStorage storage = new SimulatedStorage(1);
        WriteAheadLog log = WriteAheadLog.open(storage, DIRECTORY, STORE, OPTIONS, record -> {});
        for (int i = 1; i <= RECORDS; i++) {
            append(log, i);
        }
        log.sync(log.endPosition());
        SimulatedStorage after = storage;
        if (ending == Ending.CLOSED) {
            log.close();
        } else {
            after = storage.kill();
        }
        Map<String, byte[]> files = new TreeMap<>();
        for (String name : after.list(DIRECTORY)) {
            files.put(name, after.readAll(DIRECTORY.resolve(name), Integer.MAX_VALUE));
        }
        return files;
    }
}
