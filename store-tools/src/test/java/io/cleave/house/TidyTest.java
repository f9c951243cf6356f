package io.cleave.house;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The house rules that a reader can check by eye, over the sources of the whole repository. Each rule lists all its
 * offenders as file:line. What a rule finds, it finds in a {@link JavaSource}; {@link TidyRulesTest} shows each can fail.
 */
final class TidyTest {
    static final int FILE_LINES_MAX = 500;
    static final int METHOD_LINES_MAX = 60;
    static final int PARAMETERS_MAX = 7;

    // Cut in two, so that this file does not offend.
    private static final Pattern OPEN_ENDS = Pattern.compile("\\b(?:TO" + "DO|FIX" + "ME|XX" + "X)\\b");
    private static final Pattern TAB = Pattern.compile("\t");
    private static final Pattern INTERNAL_NAME = Pattern.compile("\"(?:sun|jdk\\.internal)\\.\\w+");
    private static final Pattern BANNED_NAME =
            Pattern.compile(".*(?:Impl|(?<! Resource)Manager|Helper|Utils?|Coordinator|Supplier)$");
    private static final Pattern DOCS_PATH = Pattern.compile("\\bdocs/[\\w./-]*\\w(?![\\w*…<{])");
    private static final Pattern ADR_NUMBER = Pattern.compile("\\bADR[- ]?(\\d{4})\\b|\\bdocs/adr/(\\d{4})\\b");
    private static final Pattern THREADS = Pattern.compile("(?i)\\bthread|\\bimmutable\\b");

    /** Hosts of package registries, with blanks for dots. */
    private static final List<String> REGISTRIES = List.of(
            "repo maven apache org",
            "repo1 maven org",
            "search maven org",
            "central sonatype com",
            "oss sonatype org",
            "mvnrepository com",
            "maven google com",
            "plugins gradle org",
            "jcenter bintray com",
            "jitpack io",
            "repo spring io",
            "registry npmjs org",
            "registry yarnpkg com",
            "pypi org",
            "files pythonhosted org",
            "crates io",
            "proxy golang org",
            "rubygems org",
            "api nuget org");

    /** Sources of the packages that users import from. */
    private static final String EXPORTED =
            "store-(?:core|split)/src/main/java/io/cleave/(?:(?:error|event|micrometer)/)?[\\w-]+\\.java";

    /** Javadoc and the signature of a public method below it. */
    private static final Pattern DESCRIBED_METHOD = Pattern.compile(
            "(/\\*\\*(?:[^*]|\\*(?!/))*\\*/)((?:\\s*@\\w+(?:\\([^)]*\\))?)*\\s*public [^;={]*\\([^;{]*[;{])");

    private static final Pattern NULL = Pattern.compile("\\bnull\\b");

    private static final Path ROOT = repositoryRoot();
    private static final List<JavaSource> MAIN = sources("main");
    private static final List<JavaSource> TESTS = sources("test");

    @Test
    void filesAreShort() {
        check("files longer than " + FILE_LINES_MAX + " lines: split by noun", MAIN, TidyTest::longFile);
    }

    static List<String> longFile(JavaSource source) {
        long lines = source.text().lines().count();
        return lines <= FILE_LINES_MAX ? List.of() : List.of(source.name() + ":" + lines);
    }

    @Test
    void methodsAreShort() {
        check("methods longer than " + METHOD_LINES_MAX + " lines", MAIN, TidyTest::longMethods);
    }

    static List<String> longMethods(JavaSource source) {
        return source.methods().stream()
                .filter(method -> method.lines() > METHOD_LINES_MAX)
                .map(method ->
                        "%s:%d %s, %d lines".formatted(source.name(), method.line(), method.name(), method.lines()))
                .toList();
    }

    @Test
    void parametersAreFew() {
        check("more than " + PARAMETERS_MAX + " parameters: make a record of options", MAIN, TidyTest::manyParameters);
    }

    static List<String> manyParameters(JavaSource source) {
        return source.methods().stream()
                .filter(method -> method.parameters() > PARAMETERS_MAX)
                .map(method -> "%s:%d %s, %d parameters"
                        .formatted(source.name(), method.line(), method.name(), method.parameters()))
                .toList();
    }

    @Test
    void everyPackageIsDescribed() {
        Map<String, Boolean> described = new TreeMap<>();
        for (JavaSource source : MAIN) {
            int slash = source.name().lastIndexOf('/');
            boolean isDescription = source.name().endsWith("/package-info.java");
            described.merge(source.name().substring(0, slash), isDescription, Boolean::logicalOr);
        }
        report(
                "packages without package-info.java",
                described.entrySet().stream()
                        .filter(entry -> !entry.getValue())
                        .map(Map.Entry::getKey)
                        .toList());
    }

    @Test
    void noEndIsLeftOpen() {
        check("open ends: do it or file it", all(), TidyTest::openEnds);
    }

    static List<String> openEnds(JavaSource source) {
        return source.find(source.text(), OPEN_ENDS);
    }

    @Test
    void noTabs() {
        check("tabs: indent with blanks", all(), source -> source.find(source.text(), TAB));
    }

    @Test
    void typesAreNamedByNouns() {
        check(
                "names that say nothing (say what it is; ResourceManager alone may manage)",
                all(),
                TidyTest::bannedNames);
    }

    static List<String> bannedNames(JavaSource source) {
        return source.types().stream().filter(BANNED_NAME.asMatchPredicate()).toList();
    }

    @Test
    void theLibraryDoesNotPrint() {
        List<JavaSource> library = MAIN.stream()
                .filter(source -> !source.name().matches("store-(tools|bench)/.*"))
                .toList();
        check("printing: use System.Logger", library, source -> calls(source, "System\\s*\\.\\s*(?:out|err)\\b"));
        check("printStackTrace: log or throw", all(), source -> calls(source, "\\bprintStackTrace\\s*\\("));
    }

    @Test
    void nobodySleeps() {
        List<JavaSource> sources = all().stream()
                .filter(source -> !source.name().contains("/src/main/java/io/cleave/core/storage/"))
                // Shows to ArchitectureTest what a sleep looks like.
                .filter(source -> !source.name().endsWith("/io/cleave/house/ArchitectureTest.java"))
                .toList();
        check(
                "sleeping: wait on a signal, or on the clock of io.cleave.core.storage",
                sources,
                source -> calls(source, "\\bThread\\s*\\.\\s*sleep\\b|\\bTimeUnit\\b[\\w.\\s]*\\.\\s*sleep\\b"));
        check(
                "assertTimeout: use @Timeout, with a bound only a hang can reach",
                all(),
                source -> calls(source, "\\bassertTimeout(?:Preemptively)?\\b"));
        // A verify beside eight busy loops has met 60 seconds.
        check(
                "@Timeout below 600 seconds: a busy machine reaches it",
                all(),
                source -> calls(
                        source, "@Timeout\\((?:value = )?[0-9]{1,2}\\b|@Timeout\\((?:value = )?[1-5][0-9]{2}\\b"));
    }

    /** What the compiled classes do not show: names looked up by reflection. */
    @Test
    void onlyStorageNamesTheInsideOfTheJdk() {
        List<JavaSource> others = MAIN.stream()
                .filter(source -> !source.name().contains("/io/cleave/core/storage/"))
                // No library: some of what it measures needs packages of the JDK opened.
                .filter(source -> !source.name().startsWith("store-bench/"))
                .toList();
        check("names inside the JDK: ask io.cleave.core.storage", others, TidyTest::internalNames);
    }

    static List<String> internalNames(JavaSource source) {
        return source.find(source.text(), INTERNAL_NAME);
    }

    static List<String> calls(JavaSource source, String call) {
        return source.find(source.code(), Pattern.compile(call));
    }

    @Test
    void mentionedDocumentsExist() {
        check("documents that do not exist", all(), source -> missingDocuments(source, ROOT));
    }

    static List<String> missingDocuments(JavaSource source, Path root) {
        Stream<String> paths = DOCS_PATH
                .matcher(source.text())
                .results()
                .filter(match -> !match.group().matches("docs/adr/\\d{4}"))
                .filter(match -> !Files.exists(root.resolve(match.group())))
                .map(match -> source.at(match.start()) + " " + match.group());
        Set<String> adrs = adrNumbers(root);
        Stream<String> numbers = ADR_NUMBER
                .matcher(source.text())
                .results()
                .filter(match -> !adrs.contains(adrNumber(match)))
                .map(match -> source.at(match.start()) + " " + match.group());
        return Stream.concat(paths, numbers).toList();
    }

    private static String adrNumber(MatchResult match) {
        return match.group(1) == null ? match.group(2) : match.group(1);
    }

    private static Set<String> adrNumbers(Path root) {
        return Set.copyOf(files(root.resolve("docs").resolve("adr")).stream()
                .map(file -> file.getFileName().toString())
                .filter(name -> name.matches("\\d{4}-.*\\.md"))
                .map(name -> name.substring(0, 4))
                .distinct()
                .toList());
    }

    @Test
    void everyFormatIsDocumented() {
        StringBuilder documents = new StringBuilder();
        files(ROOT.resolve("docs").resolve("format")).forEach(file -> documents.append(text(file)));
        check("formats that no docs/format/*.md mentions", MAIN, source -> undocumentedFormat(source, documents));
    }

    static List<String> undocumentedFormat(JavaSource source, CharSequence documents) {
        String type = source.name().replaceAll(".*/|\\.java$", "");
        boolean mentioned =
                Pattern.compile("\\b" + type + "\\b").matcher(documents).find();
        return type.endsWith("Format") && !mentioned ? List.of(source.name() + ":1") : List.of();
    }

    @Test
    void noFileNamesAPackageRegistry() {
        List<String> offenders = new ArrayList<>();
        for (Path file : files(ROOT)) {
            JavaSource source = new JavaSource(ROOT.relativize(file).toString(), text(file));
            offenders.addAll(registryHosts(source));
        }
        report("hosts of package registries", offenders);
    }

    static List<String> registryHosts(JavaSource source) {
        return REGISTRIES.stream()
                .map(host -> Pattern.compile("\\b" + host.replace(" ", "\\.") + "\\b"))
                .flatMap(host -> source.find(source.text(), host).stream())
                .toList();
    }

    @Test
    void exportedTypesTellWhetherTheyAreThreadSafe() {
        List<JavaSource> exported = MAIN.stream()
                .filter(source -> source.name().matches("store-split/src/main/java/io/cleave/\\w+\\.java"))
                .toList();
        check("public types whose Javadoc says nothing of threads", exported, TidyTest::silentOnThreads);
    }

    static List<String> silentOnThreads(JavaSource source) {
        boolean silent = source.publicTypeJavadoc()
                .filter(javadoc -> !THREADS.matcher(javadoc).find())
                .isPresent();
        return silent ? List.of(source.name() + ":1") : List.of();
    }

    /** What users build on: nobody may learn only from a sentence that an answer is null. */
    @Test
    void nullIsMarkedWhereItIsDescribed() {
        List<JavaSource> exported =
                MAIN.stream().filter(source -> source.name().matches(EXPORTED)).toList();
        check("null in the Javadoc and no @Nullable in the signature", exported, TidyTest::unmarkedNulls);
        check(
                "exported packages without @NullMarked",
                exported.stream()
                        .filter(source -> source.name().endsWith("/package-info.java"))
                        .toList(),
                source -> source.code().contains("@NullMarked\npackage ") ? List.of() : List.of(source.name()));
    }

    static List<String> unmarkedNulls(JavaSource source) {
        return DESCRIBED_METHOD
                .matcher(source.text())
                .results()
                .filter(match -> NULL.matcher(match.group(1)).find())
                .filter(match -> !match.group(2).contains("@Nullable"))
                .map(match -> source.at(match.start(2)) + " " + match.group(2).strip())
                .toList();
    }

    private static void check(String rule, List<JavaSource> sources, Function<JavaSource, List<String>> finder) {
        report(
                rule,
                sources.stream()
                        .flatMap(source -> finder.apply(source).stream())
                        .toList());
    }

    private static void report(String rule, List<String> offenders) {
        if (!offenders.isEmpty()) {
            fail(rule + ":\n  " + String.join("\n  ", offenders));
        }
    }

    private static List<JavaSource> all() {
        return Stream.concat(MAIN.stream(), TESTS.stream()).toList();
    }

    /** The Java files of every module's {@code src/main} or {@code src/test}. */
    private static List<JavaSource> sources(String kind) {
        return files(ROOT).stream()
                .filter(file -> ROOT.relativize(file)
                        .toString()
                        .matches("store-\\w+[/\\\\]src[/\\\\]" + kind + "[/\\\\].*\\.java"))
                .map(file -> new JavaSource(ROOT.relativize(file).toString().replace('\\', '/'), text(file)))
                .toList();
    }

    /** All files below {@code directory}, in order; what the build or git puts there is left out. */
    private static List<Path> files(Path directory) {
        List<Path> files = new ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return files;
        }
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
                    String name = path.getFileName().toString();
                    return name.equals(".git") || name.equals("target")
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
                    files.add(path);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        files.sort(null);
        return files;
    }

    /** The text of a file; empty when it is binary. */
    private static String text(Path file) {
        try {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            return text.indexOf('\0') < 0 ? text : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path repositoryRoot() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("mvnw"))) {
            root = root.getParent();
            if (root == null) {
                throw new IllegalStateException("no mvnw above " + Path.of("").toAbsolutePath());
            }
        }
        return root;
    }
}
