package io.cleave;

import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.fixture.StoreOfLevel1;
import io.cleave.fuzz.StoreImage;
import io.cleave.inspect.Finding;
import io.cleave.inspect.StoreVerification;
import io.cleave.repair.RepairReport;
import io.cleave.repair.StoreRepair;
import io.cleave.route.RoutedIndex;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * One store along a random history of sessions: writes, flushes, compactions, splits, indexes created and dropped; clean closes, kills
 * and power cuts, in the middle of anything; repairs. Some begin with a store of level 1, and its upgrade. Whatever the store tells of
 * damage on the way is a false alarm, and is thrown. Not thread-safe.
 */
final class AgingStore {
    static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("store");

    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final int KEYS = 60;

    /** An open that upgrades, and its close, take about so many operations. */
    private static final int UPGRADE_OPERATIONS = 60;

    private final SplittableRandom random;
    private final StoreHistory history = new StoreHistory();
    private final Set<String> moments = new HashSet<>();
    private final List<StoreImage> copies = new ArrayList<>();
    private SimulatedStorage storage;
    private SegmentStore store;
    private int stamp;
    private int kills;
    private int cuts;
    private int closes;
    private int repairs;
    private int upgrades;
    private int upgradesCutShort;

    /** A store that does not exist yet. */
    AgingStore(SplittableRandom random) {
        this.random = random;
        this.storage = new SimulatedStorage(random.nextLong());
        moments.add(shown());
    }

    /** A store of level 1, which is upgraded: at the first attempt, or after some that kills or power cuts end. */
    static AgingStore upgraded(SplittableRandom random) {
        AgingStore aging = new AgingStore(random);
        StoreOfLevel1 level1 = StoreOfLevel1.ALL.get(random.nextInt(StoreOfLevel1.ALL.size()));
        aging.lay(level1);
        if (!level1.closed() || random.nextInt(8) == 0) {
            aging.repair();
        }
        for (int attempts = random.nextInt(4); attempts > 0; attempts--) {
            aging.upgradeCutShort();
        }
        aging.upgrade();
        aging.upgrades++;
        return aging;
    }

    /** All files as they lay on disk at moments when nothing was under way, oldest first. */
    List<StoreImage> copies() {
        return copies;
    }

    /** True when a store held exactly that at some moment, as {@link #shown(SegmentStore)} tells it. */
    boolean held(String contents) {
        return moments.contains(contents);
    }

    /** Adds what happened to the counts of a campaign. */
    void count(CampaignSeries series) {
        series.add("clean closes", closes);
        series.add("kills", kills);
        series.add("power cuts", cuts);
        series.add("repairs", repairs);
        series.add("upgrades", upgrades);
        series.add("upgrades cut short", upgradesCutShort);
    }

    private void lay(StoreOfLevel1 level1) {
        storage.createDirectory(DIRECTORY);
        level1.image().writeDurably(storage, DIRECTORY);
        storage.forceDirectory(SimulatedStorage.DIRECTORY);
        storage = storage.kill();
        level1.contents().forEach((name, entries) -> history.create(name).now.putAll(entries));
        history.settle();
        moments.add(shown());
        copy();
    }

    private void upgradeCutShort() {
        long operation = storage.operations() + random.nextLong(1, UPGRADE_OPERATIONS);
        storage = random.nextBoolean() ? storage.crashAt(operation) : storage.crashInside(operation);
        try {
            upgrade();
        } catch (RuntimeException | Error e) {
            if (!storage.isDead()) {
                throw e;
            }
            CrashWorkload.abandon(store);
            store = null;
            storage = random.nextBoolean() ? storage.kill() : storage.crash(random.nextLong(1 << 20));
            upgradesCutShort++;
        }
        copy();
        requireSound(storage);
    }

    private void upgrade() {
        store = SegmentStore.open(
                DIRECTORY,
                CrashWorkload.optionsBuilder(storage)
                        .createIfMissing(false)
                        .upgrade(true)
                        .build());
        history.check(store);
        store.close();
        store = null;
        storage = storage.kill();
    }

    /** One session of a few steps with a random end; a copy is taken at its end, and now and then in it. */
    void session() {
        if (random.nextInt(3) == 0) {
            long operation = storage.operations() + random.nextLong(1, 400);
            storage = random.nextBoolean() ? storage.crashAt(operation) : storage.crashInside(operation);
        }
        try {
            work();
        } catch (RuntimeException | Error e) {
            if (!storage.isDead()) {
                throw e;
            }
            end(false);
        }
        copy();
        look();
    }

    private void work() {
        open();
        int steps = random.nextInt(1, 9);
        for (int i = 0; i < steps; i++) {
            step();
            moments.add(shown());
            if (random.nextInt(6) == 0) {
                copy();
            }
        }
        if (random.nextInt(3) > 0) {
            store.close();
            store = null;
            closes++;
            history.settle();
            // The process goes, and with it what a power cut could take.
            storage = storage.kill();
        } else {
            end(random.nextBoolean());
        }
    }

    private void open() {
        store = SegmentStore.open(DIRECTORY, options(storage));
        history.check(store);
    }

    /** The process dies, or the power fails; the store is opened once to see what it holds, and dies again. */
    private void end(boolean kill) {
        boolean survived = kill || (!storage.isDead() && random.nextBoolean());
        SimulatedStorage after = survived ? storage.kill() : storage.crash(random.nextLong(1 << 20));
        kills += survived ? 1 : 0;
        cuts += survived ? 0 : 1;
        CrashWorkload.abandon(store);
        store = null;
        storage = after;
        copy();
        SegmentStore judged = SegmentStore.open(DIRECTORY, options(storage));
        if (survived) {
            history.acceptAfterKill(judged);
        } else {
            history.acceptAfterCrash(judged);
        }
        moments.add(shown());
        if (random.nextBoolean()) {
            judged.close();
            closes++;
            storage = storage.kill();
        } else {
            storage = storage.kill();
            kills++;
            CrashWorkload.abandon(judged);
        }
    }

    private void step() {
        switch (random.nextInt(12)) {
            case 0 -> create();
            case 1 -> drop();
            case 2, 3 ->
                withIndex(index -> {
                    index.flush();
                    history.flushed(history.indexes().get(index.name()));
                });
            case 4 -> withIndex(SegmentIndex::compact);
            case 5 -> withIndex(this::split);
            default -> write();
        }
    }

    private void create() {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        if (!history.indexes().containsKey(name)) {
            history.beginCreate(name);
            store.index(name);
            history.created(name);
        }
    }

    private void drop() {
        List<String> names = new ArrayList<>(new TreeSet<>(history.indexes().keySet()));
        NAMES.stream().filter(name -> !names.contains(name)).forEach(names::add);
        String name = names.get(random.nextInt(names.size()));
        if (history.indexes().containsKey(name)) {
            history.beginDrop(name);
            store.dropIndex(name);
            history.dropped(name);
        }
    }

    private void withIndex(java.util.function.Consumer<SegmentIndex> work) {
        List<String> names = new ArrayList<>(history.indexes().keySet());
        if (names.isEmpty()) {
            create();
        } else {
            work.accept(store.index(names.get(random.nextInt(names.size()))));
        }
    }

    private void split(SegmentIndex index) {
        RoutedIndex routed = store.engine().indexesByName().get(index.name());
        store.engine()
                .maintenance()
                .splitNow(
                        routed,
                        routed.route().slot(random.nextInt(routed.route().size())));
    }

    private void write() {
        withIndex(index -> {
            StoreHistory.Index model = history.indexes().get(index.name());
            int writes = random.nextInt(1, 14);
            for (int i = 0; i < writes; i++) {
                byte[] key = ("key" + random.nextInt(KEYS)).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
                boolean delete = random.nextInt(4) == 0;
                byte[] value = delete ? null : ("value" + stamp++).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
                Durability durability = random.nextInt(4) == 0 ? Durability.DEVICE : Durability.PROCESS;
                history.begin(List.of(new StoreHistory.Write(model, key, value)), durability);
                if (delete) {
                    index.delete(key, durability);
                } else {
                    index.put(key, value, durability);
                }
                history.acknowledge(durability);
                moments.add(shown());
            }
        });
    }

    /** Looks at the store as it lies there with the tools, now and then with a repair. */
    private void look() {
        requireSound(storage);
        if (random.nextInt(8) == 0) {
            repair();
        }
    }

    private void repair() {
        RepairReport report = new StoreRepair(storage, DIRECTORY, (done, total) -> {}).repair();
        repairs++;
        if (!report.lost().isEmpty()) {
            throw new AssertionError("repair of a sound store lost something: " + report.text());
        }
        storage = storage.kill();
        requireSound(storage);
    }

    private static void requireSound(Storage storage) {
        List<Finding> errors = errors(storage);
        if (!errors.isEmpty()) {
            throw new AssertionError("verification of a sound store: " + errors);
        }
    }

    /** What verification calls damage. */
    static List<Finding> errors(Storage storage) {
        return new StoreVerification(storage, DIRECTORY, (done, total) -> {})
                .verify().findings().stream()
                        .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                        .toList();
    }

    private void copy() {
        if (storage.isDead() || storage.kind(DIRECTORY) != Storage.PathKind.DIRECTORY) {
            return;
        }
        copies.add(StoreImage.of(storage, DIRECTORY));
    }

    static StoreOptions options(Storage storage) {
        return CrashWorkload.optionsBuilder(storage).build();
    }

    /** Everything that the store should hold, as text. */
    private String shown() {
        StringBuilder text = new StringBuilder();
        history.indexes().forEach((name, index) -> show(text, name, index.now));
        return text.toString();
    }

    /** Everything that a store shows, as text. */
    static String shown(SegmentStore store) {
        StringBuilder text = new StringBuilder();
        for (String name : new TreeSet<>(store.indexNames())) {
            show(text, name, StoreHistory.scan(store.index(name)));
        }
        return text.toString();
    }

    private static void show(StringBuilder text, String name, java.util.Map<byte[], byte[]> entries) {
        text.append(name).append(':');
        entries.forEach((key, value) -> text.append(StoreHistory.hex(key))
                .append('=')
                .append(StoreHistory.hex(value))
                .append(' '));
        text.append('\n');
    }
}
